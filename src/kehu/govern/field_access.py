"""What a role may do with one attribute. Pure.

hidden: as if it were not there · masked: 138****1234, whole only by a reveal · read: whole · write: whole, and changed
"""

from enum import StrEnum


class FieldAccess(StrEnum):
    HIDDEN = "hidden"
    MASKED = "masked"
    READ = "read"
    WRITE = "write"

    @property
    def shows_whole(self) -> bool:
        return self in {FieldAccess.READ, FieldAccess.WRITE}
