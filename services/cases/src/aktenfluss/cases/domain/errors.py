"""The problems of `cases`.

Problem
├── CaseFileNotFoundError     404 case-file-not-found
├── EntryNotFoundError        404 entry-not-found
├── PageNotFiledError         404 page-not-filed
├── FileNumberTakenError      409 file-number-taken
├── MediumSetBackError        409 medium-set-back
├── StaleCaseFileError        412 stale-case-file
└── InvalidStockLineError     422 invalid-stock-line
"""

from typing import ClassVar
from uuid import UUID

from aktenfluss.kernel import Kind, Problem


class CaseFileNotFoundError(Problem):
    """No case file of this authority has the given id.

    Way out: find the case file in the list of case files; its id is in each row.
    """

    slug: ClassVar[str] = "case-file-not-found"
    title: ClassVar[str] = "Case file not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND

    def __init__(self, case_file_id: UUID) -> None:
        super().__init__(f"There is no case file {case_file_id}.")


class EntryNotFoundError(Problem):
    """The case file has no entry with the given id.

    Way out: list the entries of the case file and take the id from there.
    """

    slug: ClassVar[str] = "entry-not-found"
    title: ClassVar[str] = "Entry not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND

    def __init__(self, entry_id: UUID) -> None:
        super().__init__(f"The case file has no entry {entry_id}.")


class PageNotFiledError(Problem):
    """The entry, or the whole case file, has fewer pages than the number that was asked for.

    Way out: ask for a page between 1 and `page_count`.
    """

    slug: ClassVar[str] = "page-not-filed"
    title: ClassVar[str] = "Page not filed"
    kind: ClassVar[Kind] = Kind.NOT_FOUND

    def __init__(self, page: int, page_count: int) -> None:
        super().__init__(f"There is no page {page}: the last one is {page_count}.", page_count=page_count)


class FileNumberTakenError(Problem):
    """The keeping authority already has a case file with this file number.

    Way out: look the case file up by its file number and change it, or correct the number.
    """

    slug: ClassVar[str] = "file-number-taken"
    title: ClassVar[str] = "File number taken"
    kind: ClassVar[Kind] = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__("The keeping authority has a case file with this file number.")


class MediumSetBackError(Problem):
    """The change would take a case file back towards paper: an electronic file stays electronic.

    Way out: leave the medium out of the change. It moves from paper to hybrid to electronic, never back.
    """

    slug: ClassVar[str] = "medium-set-back"
    title: ClassVar[str] = "Medium set back"
    kind: ClassVar[Kind] = Kind.CONFLICT

    def __init__(self, medium: str, wanted: str) -> None:
        super().__init__(f"The case file is {medium} and cannot become {wanted}.")


class StaleCaseFileError(Problem):
    """Somebody changed the case file after it was read: the version in If-Match is no longer the latest.

    Way out: read the case file again, decide whether the change still holds, and send it with the new ETag.
    """

    slug: ClassVar[str] = "stale-case-file"
    title: ClassVar[str] = "Stale case file"
    kind: ClassVar[Kind] = Kind.PRECONDITION_FAILED

    def __init__(self, version: int) -> None:
        super().__init__(f"The case file has version {version} by now.", version=version)


class InvalidStockLineError(Problem):
    """A line of the stock list does not describe a case file; `errors` names the fields, a hundred at most, and their rules.

    Way out: correct the line and import the list again. Lines that are already there are left as they are.
    """

    slug: ClassVar[str] = "invalid-stock-line"
    title: ClassVar[str] = "Invalid stock line"
    kind: ClassVar[Kind] = Kind.INVALID
