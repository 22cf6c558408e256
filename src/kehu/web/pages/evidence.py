"""Two customers or records beside each other, and the evidence between them."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from kehu.extend import queries as catalogue
from kehu.resolve.explain import Explanation
from kehu.resolve.explanations import explain_records
from kehu.web import vocabulary
from kehu.web.components import DiffRow, Waterfall
from kehu.web.waterfalls import draw_waterfall
from kehu.web.wording import shown_value

TOO_FEW_BITS = 0.05
PARTS_OF_NAME = ("surname", "given_name", "middle_name")


def waterfall_of(left: UUID, right: UUID) -> tuple[Waterfall, dict[str, str]]:
    """The evidence between two records as a waterfall, and the level of agreement by attribute."""
    explanation = explain_records(left, right)
    return draw(explanation), levels_of(explanation)


def draw(explanation: Explanation) -> Waterfall:
    steps = [
        (vocabulary.attribute_label(part.attribute), vocabulary.level_label(part.level), part.bits)
        for part in explanation.contributions
        if abs(part.bits) >= TOO_FEW_BITS
    ]
    return draw_waterfall(
        steps,
        prior_bits=explanation.prior_bits,
        prior_label=_("Before any evidence"),
        probability=explanation.probability,
    )


def levels_of(explanation: Explanation) -> dict[str, str]:
    """Level by attribute of the page: surname and given name count as the name, and the worse of them tells."""
    levels: dict[str, str] = {}
    for part in explanation.contributions:
        name = "name" if part.attribute in PARTS_OF_NAME else part.attribute
        if name not in levels or _rank(part.level) > _rank(levels[name]):
            levels[name] = part.level
    return levels


def diff_rows(left: Mapping[str, str], right: Mapping[str, str], levels: Mapping[str, str]) -> list[DiffRow]:
    """One row per attribute that either side has, in the order of the catalogue."""
    order = {one.name: one.position for one in catalogue.catalogue()}
    names = sorted({*left, *right}, key=lambda name: (order.get(name, 999), name))
    return [_row(name, left.get(name, ""), right.get(name, ""), levels.get(name, "")) for name in names]


def _row(name: str, left: str, right: str, level: str) -> DiffRow:
    left, right = shown_value(name, left), shown_value(name, right)
    if not left or not right:
        return DiffRow(vocabulary.attribute_label(name), left, right, "missing", "")
    if left == right:
        level = "exact"
    elif not level or level == "missing":
        level = "different"
    look = ("same", "near", "differs")[_rank(level)]
    return DiffRow(vocabulary.attribute_label(name), left, right, look, vocabulary.level_label(level))


def _rank(level: str) -> int:
    """0 the same, 1 nearly, 2 not at all."""
    if level in {"exact", "same door", "same sound", "same sound or nickname", "masked agrees"}:
        return 0
    return 2 if level in {"different", "missing"} else 1
