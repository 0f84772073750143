"""A delivery is checked: good items are accepted, bad ones told, whatever their neighbours are."""

import pytest

from aktenfluss.contracts.documents import content_key
from aktenfluss.delivery import order_item_id
from aktenfluss.kernel import digest_of
from aktenfluss.testkit import named

from .. import papers
from ..boxes import Box


def facts_named(events, name):
    return [event for event in events if event["type"].split(".")[3] == name]


async def test_a_good_box_is_accepted(open_order, push, result_of, balance, scans, documents):
    order, items = await open_order(2)
    bag = await push(Box(order).put(items[0]).put(items[1], (1, 2, 1)))

    assert await result_of(bag) == ("checked", dict.fromkeys(items, "accepted"), [])
    assert (await balance(order))["accepted"] == 2
    facts = facts_named(await scans.events(), "item-accepted")
    counts = {fact["payload"]["order_item_id"]: len(fact["payload"]["documents"]) for fact in facts}
    assert counts == {items[0]: 2, items[1]: 3}
    assert set(documents.made) == {f"{bag.digest}:{item}" for item in items}


async def test_the_facts_of_an_item_belong_to_its_case_file(open_order, push, scans, neighbour_cases):
    order, items = await open_order()
    bag = await push(Box(order).put(items[0]))

    accepted = facts_named(await scans.events(), "item-accepted")[0]
    case_file_id = str(next(iter(neighbour_cases.case_files.values())))
    assert (accepted["key"], accepted["subject"], accepted["aggregate_version"]) == (case_file_id, items[0], 2)
    assert [document["page_count"] for document in accepted["payload"]["documents"]] == [2, 1]
    checked = facts_named(await scans.events(), "delivery-checked")[0]
    assert (checked["key"], checked["payload"]) == (
        bag.digest,
        {"delivery": bag.digest, "accepted_count": 1, "rejected_count": 0, "finding_count": 0},
    )


FAULTS = {
    "pdf-encrypted": papers.encrypted("secret"),
    "pdf-unreadable": papers.plain_pdf()[:-300],
    "pdf-bomb": papers.page_bomb(),
    "pdf-active-content": papers.javascript(),
    "pdf-page-count": papers.plain_pdf(3),
}


async def test_every_fault_of_a_box_is_told_at_once_and_good_items_pass(open_order, push, result_of, balance):
    order, items = await open_order(len(FAULTS) + 1)
    box = Box(order).put(items[-1])
    for item, content in zip(items, FAULTS.values(), strict=False):
        box.put(item).items[item].append((content, 1))
    bag = await push(box)

    state, outcomes, findings = await result_of(bag)
    assert (state, outcomes[items[-1]]) == ("checked", "accepted")
    assert findings == list(zip(items, FAULTS, strict=False))
    assert [entry["rules"] for entry in (await balance(order))["rejected_items"]] == [[rule] for rule in FAULTS]


async def test_an_item_moves_as_a_whole(open_order, push, documents, scans):
    order, items = await open_order()
    box = Box(order).put(items[0], (1, 1, 1))
    box.items[items[0]][2] = (papers.encrypted("secret"), 1)
    await push(box)

    assert documents.made == {}
    assert "item-accepted" not in named(await scans.events())


@pytest.mark.parametrize(("lead", "rule"), [(None, "lead-sheet-missing"), (2, "lead-sheet-wrong")])
async def test_the_right_lead_sheet_comes_first(open_order, push, result_of, lead, rule):
    order, items = await open_order()
    first = papers.plain_pdf() if lead is None else papers.led_pdf(order_item_id(99))
    box = Box(order, {items[0]: [(first, 1), (papers.plain_pdf(), 1)]})

    assert (await result_of(await push(box)))[2] == [(items[0], rule)]


async def test_a_finding_names_place_item_and_way_out(open_order, push, contractor):
    order, items = await open_order()
    box = Box(order, {items[0]: [(papers.plain_pdf(), 1)]})
    bag = await push(box)

    assert (await contractor.get(bag.url)).json()["findings"] == [
        {
            "rule": "lead-sheet-missing",
            "place": f"data/{items[0]}/1.pdf",
            "item": items[0],
            "detail": "page 1 has no code of a lead sheet",
            "way_out": "Scan the lead sheet as the first page and deliver the whole case file again in the next revision.",
        }
    ]


async def test_items_that_are_not_on_the_order_are_all_told_alike(open_order, push, result_of, house, scans):
    order, items = await open_order()
    _, of_other_order = await open_order()
    strangers = [of_other_order[0], order_item_id(99_000_000)]
    box = Box(order).put(items[0])
    for stranger in strangers:
        box.put(stranger)

    _, outcomes, findings = await result_of(await push(box))
    assert outcomes == {items[0]: "accepted"} | dict.fromkeys(strangers, "rejected")
    assert sorted(findings) == sorted((stranger, "unknown-item") for stranger in strangers)
    assert "item-rejected" not in named(await scans.events())


async def test_a_missing_content_rejects_its_item_only(open_order, push, result_of):
    order, items = await open_order(2)
    box = Box(order).put(items[0]).put(items[1], (2, 3))
    lost = box.items[items[1]][1][0]

    _, outcomes, findings = await result_of(await push(box, without=[lost]))
    assert outcomes == {items[0]: "accepted", items[1]: "rejected"}
    assert findings == [(items[1], "content-missing")]


@pytest.mark.parametrize("damage", ["gone", "changed"])
async def test_a_damaged_content_is_not_taken(open_order, push, result_of, scans, store, documents, damage):
    order, items = await open_order()
    box = Box(order).put(items[0], (1, 2))
    bag = await push(box, wait=False)
    path = store.local_path(content_key("offenbach", digest_of(box.items[items[0]][1][0])))
    path.unlink() if damage == "gone" else path.write_bytes(papers.plain_pdf(2, shade=10))
    await scans.drain()

    assert (await result_of(bag))[2] == [(items[0], "content-damaged")]


async def test_a_corrected_box_fills_the_gaps_and_changes_nothing_else(open_order, push, result_of, balance, documents):
    order, items = await open_order(2)
    bad = Box(order).put(items[0]).put(items[1])
    bad.items[items[1]][0] = (papers.led_pdf(items[0]), 2)
    first = await push(bad)
    made = dict(documents.made)
    second = await push(Box(order, revision=2, supersedes=first.digest).put(items[0]).put(items[1]))

    assert (await result_of(second))[1:] == ({items[0]: "unchanged", items[1]: "accepted"}, [])
    assert set(documents.made) - set(made) == {f"{second.digest}:{items[1]}"}
    counts = await balance(order)
    assert (counts["accepted"], counts["rejected"], counts["rejected_items"]) == (2, 0, [])


async def test_other_documents_of_an_accepted_item_are_refused(open_order, push, result_of, balance):
    order, items = await open_order()
    await push(Box(order).put(items[0]))
    second = await push(Box(order, name="BOX-0002").put(items[0], (2, 2)))

    assert (await result_of(second))[1:] == ({items[0]: "rejected"}, [(items[0], "item-already-filed")])
    assert (await balance(order))["accepted"] == 1


async def test_a_bad_second_delivery_leaves_an_accepted_item_alone(open_order, push, result_of, balance):
    order, items = await open_order()
    await push(Box(order).put(items[0]))
    bad = await push(Box(order, {items[0]: [(papers.plain_pdf(), 1)]}, name="BOX-0002"))

    assert (await result_of(bad))[1] == {items[0]: "rejected"}
    assert (await balance(order))["accepted"] == 1
