"""Neutral order item ids, and the code that a lead sheet carries."""

import re
from dataclasses import dataclass
from typing import Self

_ITEM_ID = re.compile(r"[0-9]{10}", re.ASCII)
_CODE = re.compile(r"(EA1\.FILE\.([0-9]{10})\.([1-9][0-9]{0,3}))\.([0-9]{2})", re.ASCII)

MAX_ITEM_NUMBER = 99_999_999
MAX_VOLUME = 9_999


def check_digits(digits: str) -> str:
    """Return the two ISO 7064 MOD 97-10 check digits of `digits`.

    They find every wrong digit and every two digits that changed places: 97 is prime and 10 generates its field.
    """
    return f"{98 - int(digits) * 100 % 97:02d}"


def order_item_id(number: int) -> str:
    """Return the id of the order item with this running number: eight digits and two check digits."""
    if not 0 <= number <= MAX_ITEM_NUMBER:
        raise ValueError(f"an order item number has at most eight digits, not {number}")
    digits = f"{number:08d}"
    return digits + check_digits(digits)


def is_order_item_id(text: str) -> bool:
    return _ITEM_ID.fullmatch(text) is not None and check_digits(text[:8]) == text[8:]


@dataclass(frozen=True, slots=True)
class LeadSheetCode:
    """What the lead sheet of one volume says: the order item and the volume's number, and nothing about a person."""

    item_id: str
    volume: int

    def __post_init__(self) -> None:
        if not is_order_item_id(self.item_id):
            raise ValueError("the check digits of the order item's id are wrong")
        if not 1 <= self.volume <= MAX_VOLUME:
            raise ValueError(f"a volume is numbered from 1 to {MAX_VOLUME}")

    def format(self) -> str:
        """Return the text of the QR code, `EA1.FILE.<order item>.<volume>.<check digits>`."""
        payload = f"EA1.FILE.{self.item_id}.{self.volume}"
        return f"{payload}.{_payload_check(payload)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the code that was read from a sheet; raises ValueError where it is none, or was misread."""
        match = _CODE.fullmatch(text)
        if match is None:
            raise ValueError("this is not the code of a lead sheet")
        payload, item_id, volume, check = match.groups()
        if _payload_check(payload) != check:
            raise ValueError("the check digits of the lead sheet's code are wrong")
        return cls(item_id, int(volume))


def _payload_check(payload: str) -> str:
    return check_digits("".join(filter(str.isdigit, payload)))
