"""What services ask each other is limited in size and form."""

import pytest
from pydantic import ValidationError

from aktenfluss.contracts.cases import CaseFileLookup
from aktenfluss.contracts.documents import ContentCheck, NewDocument, NewDocuments
from aktenfluss.kernel import digest_of

CONTENT = digest_of(b"a page")
DOCUMENT = {"content": CONTENT, "media_type": "application/pdf", "page_count": 1}


def test_a_document_refers_to_a_stored_content():
    asked = NewDocuments.model_validate({"documents": [DOCUMENT]})

    assert asked.documents == [NewDocument(content=CONTENT, media_type="application/pdf", page_count=1)]


@pytest.mark.parametrize(
    "change",
    [
        {"content": "md5:1"},
        {"media_type": "pdf"},
        {"media_type": "text/html; charset=utf-8"},
        {"media_type": "a/" + "b" * 100},
        {"page_count": 0},
        {"page_count": 100_001},
    ],
)
def test_a_document_that_could_not_be_is_refused(change):
    with pytest.raises(ValidationError):
        NewDocument.model_validate(DOCUMENT | change)


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (NewDocuments, {"documents": []}),
        (NewDocuments, {"documents": [DOCUMENT] * 2_001}),
        (ContentCheck, {"contents": [CONTENT] * 20_001}),
        (CaseFileLookup, {"file_numbers": []}),
        (CaseFileLookup, {"file_numbers": ["1"] * 5_001}),
        (CaseFileLookup, {"file_numbers": ["1"], "keeping_authority": "06 41"}),
    ],
)
def test_questions_have_a_least_and_a_greatest_size(model, body):
    with pytest.raises(ValidationError):
        model.model_validate(body)


def test_a_check_may_ask_for_nothing():
    assert ContentCheck.model_validate({"contents": []}).contents == []
