"""The stock list: its lines in batches that can be imported whole, and what became of each line."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from .errors import InvalidStockLineError
from .stock_line import FileKey, StockLine

BATCH_SIZE = 500
"""Lines that are imported together."""

type Result = Literal["created", "updated", "unchanged", "rejected"]


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of one line, counted from 1."""

    line: int
    result: Result
    case_file_id: UUID | None = None
    file_number: str | None = None
    problem: InvalidStockLineError | None = None


@dataclass(frozen=True, slots=True)
class StockBatch:
    """Consecutive lines by their numbers: the good ones, no two of one case file, and the rejected ones."""

    good: dict[FileKey, tuple[int, StockLine]] = field(default_factory=dict)
    rejected: list[LineOutcome] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.good) + len(self.rejected)

    def read(self, number: int, text: bytes) -> bool:
        """Take a line in; False where it is about a case file that an earlier line is about."""
        try:
            line = StockLine.parse(text)
        except InvalidStockLineError as problem:
            self.rejected.append(LineOutcome(number, "rejected", problem=problem))
            return True
        return self.good.setdefault(line.key, (number, line))[0] == number


async def batches(lines: AsyncIterator[bytes]) -> AsyncIterator[StockBatch]:
    """Cut a stock list into batches, leaving empty lines out.

    A line about a case file that the batch is already about begins the next one: so the later line has the last word.
    """
    batch = StockBatch()
    number = 0
    async for text in lines:
        number += 1
        if not text.strip():
            continue
        if not batch.read(number, text):
            yield batch
            batch = StockBatch()
            batch.read(number, text)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = StockBatch()
    if batch:
        yield batch
