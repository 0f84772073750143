"""Scan orders over HTTP."""

import pypdfium2
import pytest
import zxingcpp

from aktenfluss.delivery import LeadSheetCode, is_order_item_id
from aktenfluss.testkit import named

ORDERS = "/v1/scan-orders"


async def test_an_order_is_opened_read_and_listed(manager, stock):
    stock("A 1/20", "A 2/20")
    opened = await manager.post(ORDERS, json={"name": "Karton 1", "file_numbers": ["A 1/20", "A 2/20"]})

    order = opened.json()
    assert (opened.status_code, order["name"], order["item_count"], order["filed_count"]) == (201, "Karton 1", 2, 0)
    read = await manager.get(f"{ORDERS}/{order['id']}")
    assert (read.json(), read.headers["etag"]) == (order, '"1"')
    assert (await manager.get(ORDERS)).json() == {"items": [order], "next": None}


async def test_items_have_neutral_ids_that_are_given_once(open_order, caller, stock):
    stock(*(f"H {number}" for number in range(3)))
    _, items = await open_order(3)
    stranger = caller("records-manager", tenant="hanau")
    foreign = await stranger.post(ORDERS, json={"name": "Hanau", "file_numbers": ["H 0", "H 1", "H 2"]})
    listed = await stranger.get(f"{ORDERS}/{foreign.json()['id']}/items")

    ids = [*items, *(item["id"] for item in listed.json()["items"])]
    assert len(set(ids)) == 6
    assert all(map(is_order_item_id, ids))


async def test_all_unknown_file_numbers_are_told_and_nothing_is_opened(manager, stock, problem_of):
    stock("A 1/20")
    refused = await manager.post(ORDERS, json={"name": "Karton 1", "file_numbers": ["A 1/20", "B 9", "C 9"]})

    assert problem_of(refused) == {
        "type": "/problems/unknown-file-numbers",
        "title": "Unknown file numbers",
        "status": 422,
        "detail": "2 file numbers are unknown",
        "file_numbers": ["B 9", "C 9"],
    }
    assert (await manager.get(ORDERS)).json()["items"] == []


async def test_numbers_of_several_authorities_are_told_and_nothing_is_opened(manager, stock, problem_of):
    stock("A 1/20", "A 2/20", "A 3/20")
    stock("A 3/20", "A 2/20", authority="065200")
    refused = await manager.post(ORDERS, json={"name": "Karton 1", "file_numbers": ["A 1/20", "A 2/20", "A 3/20"]})

    assert problem_of(refused) == {
        "type": "/problems/ambiguous-file-numbers",
        "title": "Ambiguous file numbers",
        "status": 422,
        "detail": "2 file numbers are those of several keeping authorities",
        "file_numbers": ["A 2/20", "A 3/20"],
    }
    assert (await manager.get(ORDERS)).json()["items"] == []


async def test_a_number_is_known_however_its_letters_were_typed(manager, stock):
    stock("\u00c4 1/20")
    opened = await manager.post(ORDERS, json={"name": "Karton 1", "file_numbers": ["A\u0308 1/20"]})

    assert opened.status_code == 201
    listed = await manager.get(f"{ORDERS}/{opened.json()['id']}/items")
    assert [item["file_number"] for item in listed.json()["items"]] == ["\u00c4 1/20"]


async def test_a_case_file_is_on_one_order_at_a_time(manager, stock, problem_of):
    stock("A 1/20", "A 2/20", "A 3/20")
    await manager.post(ORDERS, json={"name": "Karton 1", "file_numbers": ["A 1/20", "A 2/20"]})
    refused = await manager.post(ORDERS, json={"name": "Karton 2", "file_numbers": ["A 3/20", "A 2/20", "A 1/20"]})

    assert problem_of(refused) == {
        "type": "/problems/case-files-already-ordered",
        "title": "Case files already on a scan order",
        "status": 409,
        "detail": "2 case files are on a scan order already",
        "file_numbers": ["A 1/20", "A 2/20"],
    }
    assert len((await manager.get(ORDERS)).json()["items"]) == 1


async def test_an_order_sent_twice_with_one_key_is_opened_once(manager, stock):
    stock("A 1/20")
    body = {"name": "Karton 1", "file_numbers": ["A 1/20"]}
    answers = [await manager.post(ORDERS, json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"file_numbers": []}, "#/file_numbers"),
        ({"file_numbers": ["A 1"] * 2}, "#/file_numbers"),
        ({"file_numbers": ["\u00c4 1", "A\u0308 1"]}, "#/file_numbers"),
        ({"file_numbers": ["A"] * 5_001}, "#/file_numbers"),
        ({"file_numbers": [""]}, "#/file_numbers/0"),
        ({"file_numbers": ["a\0"]}, "#/file_numbers/0"),
        ({"name": ""}, "#/name"),
        ({"name": "x" * 201}, "#/name"),
        ({"keeping_authority": "06 41"}, "#/keeping_authority"),
        ({"owner": "me"}, "#/owner"),
    ],
)
async def test_an_order_out_of_form_is_refused(manager, change, pointer):
    refused = await manager.post(ORDERS, json={"name": "Karton 1", "file_numbers": ["A 1"]} | change)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_items_are_listed_in_pages_and_by_state(manager, open_order):
    order, items = await open_order(5)
    found, cursor = [], {}
    while cursor is not None:
        page = (await manager.get(f"{ORDERS}/{order}/items", params={"limit": 2, **cursor})).json()
        found += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None

    assert [item["id"] for item in found] == items
    assert found[0]["file_number"] == "A 1/20"
    assert {item["state"] for item in found} == {"listed"}
    filed = await manager.get(f"{ORDERS}/{order}/items", params={"state": "filed"})
    assert filed.json() == {"items": [], "next": None}


async def test_orders_are_listed_in_pages_the_latest_first(manager, open_order):
    orders = [(await open_order())[0] for _ in range(3)]
    first = (await manager.get(ORDERS, params={"limit": 2})).json()
    second = (await manager.get(ORDERS, params={"limit": 2, "cursor": first["next"]})).json()

    assert [order["id"] for order in first["items"] + second["items"]] == orders[::-1]


async def test_a_cursor_of_another_list_is_refused(manager, open_order):
    order, _ = await open_order(2)
    await open_order()
    cursor = (await manager.get(ORDERS, params={"limit": 1})).json()["next"]

    for text in (cursor, "tampered"):
        refused = await manager.get(f"{ORDERS}/{order}/items", params={"cursor": text})
        assert (refused.status_code, refused.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize("part", ["", "/items", "/lead-sheets.pdf", "/reconciliation"])
async def test_orders_of_others_do_not_exist(open_order, caller, part, problem_of):
    order, _ = await open_order()
    refused = await caller("records-manager", tenant="hanau").get(f"{ORDERS}/{order}{part}")

    assert problem_of(refused) == {
        "type": "/problems/scan-order-not-found",
        "title": "Scan order not found",
        "status": 404,
        "detail": f"there is no scan order {order}",
    }


async def test_a_new_order_is_balanced(open_order, balance):
    order, _ = await open_order(3)

    assert await balance(order) == {
        "scan_order_id": order,
        "listed": 3,
        "filed": 0,
        "accepted": 0,
        "rejected": 0,
        "missing": 3,
        "settled": True,
        "complete": False,
        "rejected_items": [],
    }


async def test_lead_sheets_are_printed_one_per_item(manager, open_order, scans):
    order, items = await open_order(60)
    printed = await manager.get(f"{ORDERS}/{order}/lead-sheets.pdf")

    assert printed.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(printed.content) as pdf:
        found = [_code_of(pdf[number]) for number in (0, 59)]
        assert len(pdf) == 60
    assert found == [LeadSheetCode(items[0], 1).format(), LeadSheetCode(items[59], 1).format()]
    fact = (await scans.events())[-1]
    assert fact["payload"] == {"scan_order_id": order, "item_count": 60}


def _code_of(page):
    image = page.render(scale=2).to_pil()
    codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return codes[0].text


async def test_no_file_number_is_on_the_paper(manager, open_order):
    order, _ = await open_order(2)
    printed = await manager.get(f"{ORDERS}/{order}/lead-sheets.pdf")

    with pypdfium2.PdfDocument(printed.content) as pdf:
        text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    assert "Karton 1" in text
    assert "/20" not in text


async def test_who_reads_file_numbers_is_recorded(manager, open_order, scans):
    order, _ = await open_order(2)
    await manager.get(f"{ORDERS}/{order}/items")

    facts = await scans.events()
    assert named(facts)[:2] == ["scan-order-opened", "order-items-listed"]
    assert facts[-1]["payload"] == {"scan_order_id": order, "result_count": 2}
    assert "A 1/20" not in str(facts)


async def test_what_is_recorded_of_a_page_are_the_items_that_it_shows(manager, open_order, scans):
    order, _ = await open_order(3)
    await manager.get(f"{ORDERS}/{order}/items", params={"limit": 2})

    assert (await scans.events())[-1]["payload"] == {"scan_order_id": order, "result_count": 2}
