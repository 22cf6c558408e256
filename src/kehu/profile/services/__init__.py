"""What people do with customers. Pages, API and commands call the same functions."""

from kehu.profile.services.assign import assign_owner
from kehu.profile.services.block import block_identifier, unblock_identifier
from kehu.profile.services.decide import decide_pair
from kehu.profile.services.merge import MergeReceipt, merge_customers
from kehu.profile.services.pin import pin_value, unpin_value
from kehu.profile.services.unmerge import UnmergeReceipt, split_records, unmerge

__all__ = [
    "MergeReceipt",
    "UnmergeReceipt",
    "assign_owner",
    "block_identifier",
    "decide_pair",
    "merge_customers",
    "pin_value",
    "split_records",
    "unblock_identifier",
    "unmerge",
    "unpin_value",
]
