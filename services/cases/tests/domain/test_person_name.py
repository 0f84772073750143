"""Laws of names: what is accepted, and how it is folded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aktenfluss.cases.domain.person_name import FamilyName, GivenNames, SearchedName, fold

FAMILY_NAME = TypeAdapter(FamilyName)
GIVEN_NAMES = TypeAdapter(GivenNames)
SEARCHED_NAME = TypeAdapter(SearchedName)


@given(st.text())
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_does_not_matter(text):
    assert fold(text.upper()) == fold(text) == fold(text.lower())


@given(st.text())
def test_a_folded_name_has_letters_digits_and_single_spaces(text):
    words = fold(text).split(" ")
    assert words == [""] or all(word.isalnum() for word in words)


@given(st.text(alphabet="abc ABÇäöüßłđ", min_size=1), st.text(alphabet="abcäß"))
def test_the_beginning_of_a_name_finds_it(beginning, rest):
    assert fold(beginning + rest).startswith(fold(beginning))


@given(st.from_regex(r"[A-Za-z0-9Ø-öø-ɏ][ -ɏ]{0,20}", fullmatch=True))
def test_what_may_be_searched_for_is_never_folded_to_nothing(name):
    assert SEARCHED_NAME.validate_python(name)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Öztürk", "ozturk"),
        ("Đorđević", "dordevic"),
        ("İnönü", "inonu"),
        ("Nguyễn Thị", "nguyen thi"),
        ("Łukasz", "lukasz"),
        ("Y\u0131ld\u0131z", "yildiz"),
        ("Weiß", "weiss"),
        ("Þór Æsa", "thor aesa"),
        ("N\u2019Diaye-Ba", "ndiaye ba"),
        ("O'Brien, Seán", "obrien sean"),
    ],
)
def test_marks_and_special_letters_are_folded(name, folded):
    assert fold(name) == folded


@pytest.mark.parametrize("name", ["M̂üller", "Al-Ḥasan ʿAlī", "D\u2019Aşk\u0131n", "Ðương", "-", "Dr. Łoś"])
def test_names_of_the_standard_are_accepted(name):
    assert FAMILY_NAME.validate_python(name)


@pytest.mark.parametrize("name", ["A\0", "A\n", "A\u202eB", "Иванов", "A;B", "A1", "A\ud800", "محمد", "😀"])
def test_other_characters_are_refused(name):
    with pytest.raises(ValidationError):
        FAMILY_NAME.validate_python(name)


def test_the_refusal_says_which_character_is_wrong():
    with pytest.raises(ValidationError, match=r"DIN 91379 has no character U\+0418 in names"):
        FAMILY_NAME.validate_python("Иванов")


def test_a_family_name_is_needed_and_given_names_are_not():
    assert GIVEN_NAMES.validate_python("") == ""
    with pytest.raises(ValidationError):
        FAMILY_NAME.validate_python("  ")


def test_names_are_composed_and_trimmed():
    assert FAMILY_NAME.validate_python(" Mu\u0308ller ") == "Müller"
