"""The rules of a delivery, each with its meaning and its way out."""

from enum import StrEnum
from typing import Self

from .finding import Finding

_PACK_AGAIN = "Pack the delivery again with `aktenfluss-delivery build`."
_CORRECT_ROW = "Correct the row and pack the delivery again."


class DeliveryRule(StrEnum):
    """A set of rules about deliveries, each with its stable name, its meaning and its way out."""

    meaning: str
    way_out: str

    def __new__(cls, name: str, meaning: str, way_out: str) -> Self:
        rule = str.__new__(cls, name)
        rule._value_ = name
        rule.meaning = meaning
        rule.way_out = way_out
        return rule

    def found(self, place: str, detail: str, item: str | None = None) -> Finding:
        """Return the finding that this rule was broken at `place`; `detail` must not quote free text."""
        return Finding(rule=str(self), place=place, item=item, detail=detail, way_out=self.way_out)


class Rule(DeliveryRule):
    """One rule of the format that a delivery can break."""

    # The tag files
    TAG_FILE_MISSING = "tag-file-missing", "A tag file that every delivery has is missing.", _PACK_AGAIN
    UNKNOWN_TAG_FILE = (
        "unknown-tag-file",
        "Outside of data/ a delivery has its four tag files and nothing else.",
        "Remove the file, or move it below data/ and name it in the index.",
    )
    MD5_ONLY = (
        "md5-only",
        "The delivery has MD5 or SHA-1 digests and no SHA-256: such digests can be forged.",
        "Pack the delivery again with a SHA-256 manifest.",
    )
    UNKNOWN_ALGORITHM = (
        "unknown-algorithm",
        "A manifest uses another algorithm than SHA-256.",
        "Keep manifest-sha256.txt and tagmanifest-sha256.txt, remove the other manifests.",
    )
    FETCH_FORBIDDEN = (
        "fetch-forbidden",
        "fetch.txt is forbidden: a delivery contains all of its files.",
        "Put the files into the delivery and remove fetch.txt.",
    )
    NOT_UTF8 = "not-utf8", "A tag file or the index is not UTF-8 text.", "Write the file as UTF-8 and pack again."
    BYTE_ORDER_MARK = (
        "byte-order-mark",
        "A tag file or the index starts with a byte order mark.",
        "Save the file as UTF-8 without a byte order mark and pack again.",
    )
    TOO_MANY_LINES = (
        "too-many-lines",
        "A tag file and the index have at most 50,000 lines.",
        "Split the box into several deliveries.",
    )
    BAGIT_TXT_MALFORMED = (
        "bagit-txt-malformed",
        "bagit.txt has two lines: the version, 1.0 or 0.97, and the encoding UTF-8.",
        _PACK_AGAIN,
    )
    TAG_FILE_UNLISTED = "tag-file-unlisted", "tagmanifest-sha256.txt does not name a tag file.", _PACK_AGAIN
    TAG_FILE_CHANGED = (
        "tag-file-changed",
        "A tag file has another digest than tagmanifest-sha256.txt says.",
        "Do not edit tag files by hand. " + _PACK_AGAIN,
    )

    # The manifests
    MANIFEST_LINE_MALFORMED = (
        "manifest-line-malformed",
        "A line of a manifest is 64 hexadecimal digits, one or two spaces and a path, with no other white space.",
        _PACK_AGAIN,
    )
    MANIFEST_EMPTY = "manifest-empty", "The manifest names no file.", _PACK_AGAIN
    TOO_MANY_FILES = (
        "too-many-files",
        "A delivery has at most 20,000 files.",
        "Split the box into several deliveries.",
    )
    PATH_ESCAPE = (
        "path-escape",
        "A payload path stays below data/: no `..`, no leading slash, no drive letter, no backslash.",
        "Move the file below data/ and pack the delivery again.",
    )
    NAME_FORBIDDEN = (
        "name-forbidden",
        "A name has A to Z, digits, `.`, `_` and `-`, no `.` or `-` first, no `.` last, and is not reserved by Windows.",
        "Rename the file (in the index as well) and pack the delivery again.",
    )
    PATH_TOO_DEEP = (
        "path-too-deep",
        "A payload path has at most four names below data/.",
        "Use fewer folders and pack the delivery again.",
    )
    PATH_TWICE = "path-twice", "A manifest names a path twice.", _PACK_AGAIN
    CASE_COLLISION = (
        "case-collision",
        "Two paths differ in upper and lower case only: on Windows they are one file.",
        "Rename one of the files and pack the delivery again.",
    )

    # bag-info.txt
    BAG_INFO_MALFORMED = (
        "bag-info-malformed",
        "A line of bag-info.txt is a label, a colon, a space and a value.",
        _PACK_AGAIN,
    )
    BAG_INFO_MISSING = "bag-info-missing", "bag-info.txt lacks a label that every delivery has.", _PACK_AGAIN
    BAG_INFO_TWICE = "bag-info-twice", "bag-info.txt has a label twice.", "Remove one of the lines and pack again."
    BAG_INFO_VALUE = (
        "bag-info-value",
        "The value of a label in bag-info.txt is not of its kind.",
        "Correct the value and pack the delivery again.",
    )
    REVISION_MISMATCH = (
        "revision-mismatch",
        "The first revision supersedes nothing, every later one names the id of the delivery it supersedes.",
        "Correct Delivery-Revision or Supersedes and pack the delivery again.",
    )
    OXUM_MISMATCH = (
        "oxum-mismatch",
        "Payload-Oxum differs from the number or the total size of the payload files.",
        _PACK_AGAIN,
    )

    # data/index.csv
    INDEX_MISSING = (
        "index-missing",
        "The manifest does not name data/index.csv.",
        "Write the index and pack the delivery again.",
    )
    INDEX_CHANGED = (
        "index-changed",
        "data/index.csv has another digest than the manifest says.",
        "Do not edit the index after packing. " + _PACK_AGAIN,
    )
    INDEX_HEADER = (
        "index-header",
        "The first line of the index is the fixed header.",
        "Start the index with the header of the format's description, separated by semicolons.",
    )
    INDEX_ROW_MALFORMED = "index-row-malformed", "A row of the index has eleven columns.", _CORRECT_ROW
    INDEX_VALUE = "index-value", "The value of a column of the index is not of its kind.", _CORRECT_ROW
    INDEX_ITEM_ID = (
        "index-item-id",
        "file_id is the ten digits of the lead sheet; its check digits are right.",
        "Read the id from the lead sheet's code again and correct the row.",
    )
    INDEX_ROW_TWICE = (
        "index-row-twice",
        "A document, told by file_id, volume and doc_seq, has one row.",
        "Remove the second row, or number it, and pack the delivery again.",
    )
    INDEX_PATH_TWICE = (
        "index-path-twice",
        "A payload file belongs to one row.",
        "Give each row its own file and pack the delivery again.",
    )
    INDEX_PATH_MISSING = (
        "index-path-missing",
        "A row names a file that the manifest does not name.",
        "Add the file or correct the path, and pack the delivery again.",
    )
    INDEX_FILE_UNLISTED = (
        "index-file-unlisted",
        "A payload file has no row in the index.",
        "Add a row for the file or remove it, and pack the delivery again.",
    )
    INDEX_SEQUENCE = (
        "index-sequence",
        "Volumes of a file, and documents of a volume, are numbered from 1 without a gap.",
        "Add the missing document or renumber, and pack the delivery again.",
    )
    INDEX_PAGES = (
        "index-pages",
        "The documents of a volume number its pages from 1 on, without gap or overlap.",
        "Correct page_first and page_last and pack the delivery again.",
    )
    INDEX_PAGE_COUNT = (
        "index-page-count",
        "sides_scanned is the number of pages, page_last - page_first + 1.",
        _CORRECT_ROW,
    )
    INDEX_SHEETS = (
        "index-sheets",
        "Every sheet has two sides: sheets x 2 = sides_scanned + sides_suppressed.",
        "Compare with the scanner's counter, scan missing sheets, and pack the delivery again.",
    )
    INDEX_TOTALS_MISSING = (
        "index-totals-missing",
        "Every file_id has one row with totals (volume 0).",
        "Add the scanner's counter as a row with volume 0 and pack the delivery again.",
    )
    INDEX_TOTALS_MISMATCH = (
        "index-totals-mismatch",
        "The row with totals, the scanner's counter, equals the sums over the documents.",
        "Compare with the scanner's counter, scan missing sheets, and pack the delivery again.",
    )
    INDEX_ITEM_EMPTY = (
        "index-item-empty",
        "A file_id with totals has documents.",
        "Add the documents or remove the row with totals.",
    )

    # On disk, at the contractor's desk
    SYMLINK = "symlink", "A delivery has no symbolic links.", "Replace the link by the file and pack again."
    HIDDEN_FILE = (
        "hidden-file",
        "A delivery has no hidden files and no files of an operating system.",
        "Remove the file.",
    )
    NOT_A_FILE = "not-a-file", "A delivery has files and folders only.", "Remove it."
    FILE_MISSING = (
        "file-missing",
        "The manifest names a file that is not there.",
        "Copy the file to its place, or pack the delivery again without it.",
    )
    FILE_UNLISTED = (
        "file-unlisted",
        "A file below data/ is not in the manifest.",
        "Remove the file or pack the delivery again.",
    )
    FILE_CHANGED = (
        "file-changed",
        "A file has another digest than the manifest says.",
        "Copy the file again from the scanner's store, or pack the delivery again if the new one is right.",
    )
    FILE_UNREADABLE = "file-unreadable", "A file cannot be read.", "Give yourself the right to read it, check the disk."
    FILE_NOT_PDF = "file-not-pdf", "A file of the index does not start as a PDF does.", "Export the scan as PDF/A-2b."

    # While it is pushed
    CONTENT_REFUSED = (
        "content-refused",
        "The server refused a payload file; most often its digest is not that of the manifest.",
        "Run `aktenfluss-delivery check`, copy the file again from the scanner's store, push again.",
    )
