"""The scan delivery format: read, check, build and push a box of scans."""

from .lead_sheet_code import LeadSheetCode, check_digits, is_order_item_id, order_item_id

__all__ = ["LeadSheetCode", "check_digits", "is_order_item_id", "order_item_id"]
