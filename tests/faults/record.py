"""What the clients were told: everything that was acknowledged, and what they noticed themselves."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Box:
    """A delivery that was acknowledged as checked: the contents of each item in their order."""

    delivery: str
    order_id: str
    case_files: dict[str, str]
    contents: dict[str, list[str]]


@dataclass
class Record:
    """The clients' memory; what is in it must be found in the product, once, for ever."""

    case_files: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    changes: dict[tuple[str, int], str] = field(default_factory=dict)
    contents: set[str] = field(default_factory=set)
    boxes: list[Box] = field(default_factory=list)
    accesses: dict[str, str] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    """Those of the accesses that change nothing."""
    noticed: Counter[str] = field(default_factory=Counter)
    """Violations that a client saw at once, by the figure they count in."""

    @property
    def acked(self) -> int:
        documents = sum(len(contents) for box in self.boxes for contents in box.contents.values())
        told = (self.case_files, self.orders, self.changes, self.contents, self.boxes, self.accesses)
        return sum(map(len, told)) + documents
