"""The scan delivery format: read, check, build and push a box of scans."""

from .bag_info import PROFILE, BagInfo, Oxum, draft_bag_info
from .build import build_delivery
from .check import CheckReport, check_folder
from .delivery import Delivery, read_delivery
from .finding import Finding, InvalidDeliveryError
from .folder import open_delivery
from .index import HEADER, Index, IndexRow, format_index
from .lead_sheet_code import LeadSheetCode, check_digits, is_order_item_id, order_item_id
from .manifest import TAG_FILES
from .paths import INDEX_PATH
from .push import Progress, PushOptions, PushReport, open_client, push_delivery
from .rules import DeliveryRule, Rule
from .server import Patience, ServerRefusedError, ServerUnavailableError

__all__ = [
    "HEADER",
    "INDEX_PATH",
    "PROFILE",
    "TAG_FILES",
    "BagInfo",
    "CheckReport",
    "Delivery",
    "DeliveryRule",
    "Finding",
    "Index",
    "IndexRow",
    "InvalidDeliveryError",
    "LeadSheetCode",
    "Oxum",
    "Patience",
    "Progress",
    "PushOptions",
    "PushReport",
    "Rule",
    "ServerRefusedError",
    "ServerUnavailableError",
    "build_delivery",
    "check_digits",
    "check_folder",
    "draft_bag_info",
    "format_index",
    "is_order_item_id",
    "open_client",
    "open_delivery",
    "order_item_id",
    "push_delivery",
    "read_delivery",
]
