"""Which attribute a column of a file holds, by its heading and by its values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from kehu.clean.column_headings import attribute_of_heading
from kehu.clean.column_values import attribute_of_values, share_that_fits

_CONTRADICTED: Final = 0.15  # fewer fitting values than this speak against the heading
_CONFIRMED: Final = 0.6
_VALUES_ONLY: Final = 0.8  # the confidence of values that all fit, without a heading to say so
# What values alone can prove against a heading; nearly any text could be a name.
_TELLING: Final = frozenset({"email", "phone", "id_number", "birth_date", "openid", "company"})


class ColumnGuess(msgspec.Struct, frozen=True):
    """What a column probably holds.

    attribute: canonical name (name, phone, member_id …, also order_number, amount, occurred_at, remark); "" for none.
    confidence: 0..1; below 0.5 ask a person. why: "heading", "heading and values", "values", "values against heading"
    or "nothing fits".
    """

    attribute: str
    confidence: float
    why: str


def guess_columns(names: Sequence[str], samples: Mapping[str, Sequence[str]]) -> dict[str, ColumnGuess]:
    """Guess every column's attribute. samples: some of its values as text, by column name; none is fine."""
    today = date.today()  # only tells birthdays from days of this decade
    return {name: _guess(name, samples.get(name, ()), today) for name in names}


def _guess(name: str, values: Sequence[str], today: date) -> ColumnGuess:
    attribute, confidence = attribute_of_heading(name)
    if not attribute:
        attribute, share = attribute_of_values(values, today)
        if not attribute:
            return ColumnGuess("", 0.0, "nothing fits")
        return ColumnGuess(attribute, round(_VALUES_ONLY * share, 2), "values")
    share_fitting = share_that_fits(attribute, values, today)
    if share_fitting is None:
        return ColumnGuess(attribute, confidence, "heading")
    if share_fitting >= _CONFIRMED:
        return ColumnGuess(attribute, round(min(confidence + 0.04, 0.99), 2), "heading and values")
    if share_fitting >= _CONTRADICTED:
        return ColumnGuess(attribute, round(confidence - 0.1, 2), "heading")
    other, share = attribute_of_values(values, today)
    if other in _TELLING and other != attribute:
        return ColumnGuess(other, round(_VALUES_ONLY * share * 0.8, 2), "values against heading")
    return ColumnGuess(attribute, round(confidence * 0.6, 2), "heading")
