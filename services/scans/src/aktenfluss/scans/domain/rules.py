"""The rules that the check of a delivery adds to those of the format, each with its meaning and its way out."""

from aktenfluss.delivery import DeliveryRule

_SCAN_AGAIN = "Export the scan again as PDF/A-2b"
_NEXT_REVISION = "and deliver the whole case file again in the next revision."


class Rule(DeliveryRule):
    """One rule that an item of a delivery can break."""

    @classmethod
    def named(cls, name: str) -> "Rule":
        """Return the rule with this name; raises KeyError for none of ours."""
        return {rule.value: rule for rule in cls}[name]

    UNKNOWN_ITEM = (
        "unknown-item",
        "The index names an order item that is not on this scan order.",
        "Compare the id with the lead sheet; leave the file out and give the paper back if it is on no order.",
    )
    ITEM_ALREADY_FILED = (
        "item-already-filed",
        "Other documents of this order item were accepted before.",
        "Leave the file out; if a rescan is wanted, ask the authority for a new scan order.",
    )
    ITEM_TOO_LARGE = (
        "item-too-large",
        "A case file has at most 2,000 documents in a delivery.",
        "Put several sheets into one PDF and deliver the whole case file again in the next revision.",
    )
    CONTENT_MISSING = (
        "content-missing",
        "A file that the manifest names was not uploaded.",
        f"Upload the file {_NEXT_REVISION}",
    )
    CONTENT_DAMAGED = (
        "content-damaged",
        "A stored file no longer has the digest under which it was uploaded.",
        f"Tell the operator, {_NEXT_REVISION}",
    )
    PDF_UNREADABLE = (
        "pdf-unreadable",
        "A file is not a whole, readable PDF.",
        f"{_SCAN_AGAIN}, compare it with the scanner's store {_NEXT_REVISION}",
    )
    PDF_ENCRYPTED = ("pdf-encrypted", "A PDF is encrypted.", f"{_SCAN_AGAIN}, without protection, {_NEXT_REVISION}")
    PDF_ACTIVE_CONTENT = (
        "pdf-active-content",
        "A PDF contains scripts, actions, attachments or forms.",
        f"{_SCAN_AGAIN}, images and text only, {_NEXT_REVISION}",
    )
    PDF_BOMB = (
        "pdf-bomb",
        "A PDF takes more pages, pixels, unpacked bytes, memory or time than any scan does.",
        f"{_SCAN_AGAIN} at 300 dpi {_NEXT_REVISION}",
    )
    PDF_PAGE_COUNT = (
        "pdf-page-count",
        "A PDF has another number of pages than its row in the index.",
        f"Count the sheets, scan missing ones {_NEXT_REVISION}",
    )
    LEAD_SHEET_MISSING = (
        "lead-sheet-missing",
        "No lead sheet can be read on the first page of the case file.",
        f"Scan the lead sheet as the first page {_NEXT_REVISION}",
    )
    LEAD_SHEET_WRONG = (
        "lead-sheet-wrong",
        "The first page is the lead sheet of another case file.",
        f"Find out which of the two was mixed up, put the pages right {_NEXT_REVISION}",
    )
