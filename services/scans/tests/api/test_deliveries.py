"""Deliveries over HTTP: announce, upload, complete, read."""

import asyncio
import json

import pytest

from aktenfluss.delivery import INDEX_PATH, order_item_id
from aktenfluss.kernel import digest_of
from aktenfluss.testkit import named

from ..boxes import Box

ITEM = order_item_id(99)


@pytest.fixture
async def bag(open_order, tmp_path):
    order, items = await open_order()
    return Box(order).put(items[0], (1, 2)).pack(tmp_path / "bag")


@pytest.fixture
def revise(open_order, tmp_path):
    """Pack a box that supersedes a digest."""

    async def revise(supersedes, order=None):
        order = order or (await open_order())[0]
        box = Box(order, name="BOX-0002", revision=2, supersedes=supersedes).put(ITEM)
        return box.pack(tmp_path / "revision")

    return revise


async def test_an_announced_delivery_tells_what_it_lacks(contractor, bag, documents, scans):
    first = bag.contents()[0]
    await documents.keep(first)
    announced = await contractor.put(bag.url, json=bag.body)

    body = announced.json()
    assert (announced.status_code, body["delivery"], body["state"]) == (201, bag.digest, "uploading")
    assert {lack["content"] for lack in body["missing"]} == {digest_of(content) for content in bag.contents()[1:]}
    assert INDEX_PATH in {lack["path"] for lack in body["missing"]}
    assert [(item["outcome"], item["document_count"], item["page_count"]) for item in body["items"]] == [
        ("pending", 2, 3)
    ]
    assert (await scans.events())[-1]["payload"] == {"delivery": bag.digest, "content_count": 3}


async def test_announced_again_it_is_the_same(contractor, bag, scans):
    answers = [await contractor.put(bag.url, json=bag.body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json() == (await contractor.get(bag.url)).json()
    assert named(await scans.events()).count("delivery-announced") == 1


async def test_announced_at_the_same_time_it_is_new_once(contractor, bag, scans):
    answers = await asyncio.gather(*(contractor.put(bag.url, json=bag.body) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert named(await scans.events()).count("delivery-announced") == 1


async def test_completed_at_the_same_time_it_is_checked_once(contractor, bag, documents, scans):
    await contractor.put(bag.url, json=bag.body)
    for content in bag.contents():
        await documents.keep(content)
    answers = await asyncio.gather(*(contractor.post(f"{bag.url}:complete") for _ in range(4)))

    assert {answer.json()["state"] for answer in answers} == {"received"}
    async with scans.database.session() as connection:
        assert await connection.fetchval("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'scans'") == 1


async def test_a_content_that_two_paths_share_is_asked_for_once(contractor, open_order, tmp_path):
    order, items = await open_order()
    box = Box(order).put(items[0])
    box.items[items[0]].append(box.items[items[0]][1])
    bag = box.pack(tmp_path / "bag")

    assert len((await contractor.put(bag.url, json=bag.body)).json()["missing"]) == 3


async def test_the_address_must_be_the_digest_of_the_body(contractor, bag, problem_of):
    other = digest_of(b"other")
    refused = await contractor.put(f"/v1/deliveries/{other}", json=bag.body)

    assert problem_of(refused) == {
        "type": "/problems/delivery-digest-mismatch",
        "title": "Digest of the delivery differs",
        "status": 422,
        "detail": "the address names another delivery than the body",
        "digest": bag.digest,
    }
    assert (await contractor.get(f"/v1/deliveries/{other}")).status_code == 404


async def test_a_broken_manifest_is_told_with_all_findings(contractor, bag):
    body = bag.body
    body["tag_files"]["fetch.txt"] = "http://example.org 1 data/x.pdf\n"
    body["index"] = body["index"].replace(";1;1;", ";1;7;", 1)
    refused = await contractor.put(bag.url, json=body)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-delivery")
    rules = {finding["rule"] for finding in refused.json()["findings"]}
    assert {"fetch-forbidden", "index-sequence", "index-changed"} <= rules
    assert (await contractor.get(bag.url)).status_code == 404


@pytest.mark.parametrize("order", ["0198c0de-0000-7000-8000-000000000001", "order-17"])
async def test_a_delivery_names_an_order_of_its_authority(contractor, tmp_path, order, problem_of):
    bag = Box(order).put(ITEM).pack(tmp_path / "bag")
    refused = await contractor.put(bag.url, json=bag.body)

    assert problem_of(refused) == {
        "type": "/problems/unknown-scan-order",
        "title": "Delivery for an unknown scan order",
        "status": 422,
        "detail": f"there is no scan order {order}",
        "scan_order_id": order,
    }


async def test_the_order_of_another_authority_is_unknown(caller, bag):
    refused = await caller("contractor", tenant="hanau").put(bag.url, json=bag.body)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-scan-order")


async def test_contents_that_are_missing_keep_a_delivery_open(contractor, bag, problem_of):
    await contractor.put(bag.url, json=bag.body)
    refused = await contractor.post(f"{bag.url}:complete")

    problem = problem_of(refused)
    assert {lack["content"] for lack in problem.pop("missing")} == {digest_of(content) for content in bag.contents()}
    assert problem == {
        "type": "/problems/contents-missing",
        "title": "Contents are missing",
        "status": 409,
        "detail": "3 contents are missing",
    }
    assert (await contractor.get(bag.url)).json()["state"] == "uploading"


async def test_a_delivery_is_completed_once(contractor, bag, documents, scans):
    await contractor.put(bag.url, json=bag.body)
    for content in bag.contents():
        await documents.keep(content)
    states = [(await contractor.post(f"{bag.url}:complete")).json()["state"] for _ in range(2)]
    await scans.drain()
    states.append((await contractor.post(f"{bag.url}:complete")).json()["state"])

    assert states == ["received", "received", "checked"]
    facts = named(await scans.events())
    assert (facts.count("delivery-received"), facts.count("delivery-checked")) == (1, 1)


async def test_contents_that_do_not_add_up_are_told_before_the_check(contractor, bag, documents):
    await contractor.put(bag.url, json=bag.body)
    for content in bag.contents():
        documents.sizes[digest_of(content)] = len(content) + 1
    refused = await contractor.post(f"{bag.url}:complete")

    assert (refused.status_code, refused.json()["findings"][0]["rule"]) == (422, "oxum-mismatch")
    assert (await contractor.get(bag.url)).json()["state"] == "uploading"


async def test_a_superseded_delivery_cannot_be_completed(contractor, bag, documents, revise):
    order = (await contractor.put(bag.url, json=bag.body)).json()["scan_order_id"]
    revision = await revise(bag.digest, order)
    await contractor.put(revision.url, json=revision.body)
    for content in bag.contents():
        await documents.keep(content)
    refused = await contractor.post(f"{bag.url}:complete")

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/delivery-superseded")
    assert (await contractor.get(bag.url)).json()["superseded_by"] == revision.digest


@pytest.mark.parametrize("known", [True, False])
async def test_a_revision_names_a_delivery_of_its_order(contractor, bag, revise, known):
    if known:
        await contractor.put(bag.url, json=bag.body)
    revision = await revise(bag.digest)
    refused = await contractor.put(revision.url, json=revision.body)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-superseded-delivery")
    assert (await contractor.get(revision.url)).status_code == 404


async def test_a_delivery_of_another_authority_does_not_exist(contractor, caller, bag, problem_of):
    await contractor.put(bag.url, json=bag.body)
    stranger = caller("contractor", tenant="hanau")

    for refused in (await stranger.get(bag.url), await stranger.post(f"{bag.url}:complete")):
        assert problem_of(refused) == {
            "type": "/problems/delivery-not-found",
            "title": "Delivery not found",
            "status": 404,
            "detail": "no such delivery was announced",
            "delivery": bag.digest,
        }


@pytest.mark.parametrize("digest", ["md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:1", "SHA256:" + "A" * 64])
async def test_an_unknown_algorithm_is_refused(contractor, digest):
    for refused in (await contractor.get(f"/v1/deliveries/{digest}"), await contractor.put(f"/v1/deliveries/{digest}")):
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize(
    "body", [b'{"tag_files": {"bagit.txt": "\\u0000"}, "index": ""}', b'{"tag_files": {}, "index": "\\ud800"}']
)
async def test_text_that_cannot_be_stored_is_refused(contractor, bag, body):
    refused = await contractor.put(bag.url, content=body, headers={"Content-Type": "application/json"})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")


async def test_an_announcement_has_a_greatest_size(contractor, bag):
    body = json.dumps({"tag_files": {"bagit.txt": "x"}, "index": "x" * (32 << 20)}).encode()
    refused = await contractor.put(bag.url, content=body, headers={"Content-Type": "application/json"})

    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")
