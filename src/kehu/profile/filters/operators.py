"""What can be asked of a value of each kind, and how many values the question takes. Pure."""

from enum import StrEnum
from typing import Final


class FieldKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"  # one of a few codes
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"  # asked by the day, in the time zone of the installation
    FLAG = "flag"  # holds or not


class Op(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    CONTAINS = "contains"
    STARTS = "starts"
    SET = "set"
    EMPTY = "empty"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    BEFORE = "before"
    AFTER = "after"
    LAST_DAYS = "last_days"
    NOT_LAST_DAYS = "not_last_days"
    MONTH = "month"
    YES = "yes"
    NO = "no"


OPERATORS: Final[dict[FieldKind, tuple[Op, ...]]] = {
    FieldKind.TEXT: (Op.IS, Op.IS_NOT, Op.ONE_OF, Op.CONTAINS, Op.STARTS, Op.SET, Op.EMPTY),
    FieldKind.CHOICE: (Op.ONE_OF, Op.NONE_OF, Op.SET, Op.EMPTY),
    FieldKind.NUMBER: (Op.IS, Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN),
    FieldKind.DATE: (Op.IS, Op.BEFORE, Op.AFTER, Op.BETWEEN, Op.MONTH, Op.SET, Op.EMPTY),
    FieldKind.MOMENT: (Op.LAST_DAYS, Op.NOT_LAST_DAYS, Op.BEFORE, Op.AFTER, Op.BETWEEN),
    FieldKind.FLAG: (Op.YES, Op.NO),
}
WITHOUT_VALUE: Final = frozenset({Op.SET, Op.EMPTY, Op.YES, Op.NO})
WITH_SEVERAL: Final = frozenset({Op.ONE_OF, Op.NONE_OF})
# What may be asked of a field one sees masked: nothing that finds a value piece by piece.
OF_MASKED: Final = frozenset({Op.IS, Op.SET, Op.EMPTY})


def values_wanted(op: Op) -> tuple[int, int]:
    """The fewest and the most values the operator takes."""
    if op in WITHOUT_VALUE:
        return 0, 0
    if op in WITH_SEVERAL:
        return 1, 200
    return (2, 2) if op is Op.BETWEEN else (1, 1)
