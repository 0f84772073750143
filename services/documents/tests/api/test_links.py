"""Links to the store, where it has none to give."""

from aktenfluss.kernel import digest_of
from aktenfluss.testkit import named

CONTENT = b"a letter"


async def test_a_content_of_a_file_store_is_sent_by_us_and_read_once(house):
    documents = await house.start("documents", presigned_downloads=True)
    path = f"/v1/contents/{digest_of(CONTENT)}"
    await documents.caller("contractor").put(path, content=CONTENT)
    answer = await documents.caller("service").get(path)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert named(await documents.events()) == ["content-read"]
