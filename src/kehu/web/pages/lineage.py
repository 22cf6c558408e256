"""Golden values with everything that was said about each: who says what, since when, and by which rule one won."""

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kehu.extend import queries as catalogue
from kehu.govern.field_policy import PresentedField
from kehu.profile.queries import CustomerView
from kehu.profile.queries.view import RecordLine
from kehu.web import live, vocabulary
from kehu.web.components import Candidate, ProfileRow, SourceMark
from kehu.web.wording import format_moment, shown_value

# Kept as a keyed hash: nobody could say it again.
_CANNOT_BE_SAID = frozenset({"id_number"})


def profile_rows(view: CustomerView, *, can_pin: bool, can_edit: bool) -> list[ProfileRow]:
    """The golden attributes in the order of the catalogue."""
    order = {one.name: one.position for one in catalogue.catalogue()}
    names = sorted(view.golden, key=lambda name: (order.get(name, 999), name))
    return [_profile_row(name, view, can_pin, can_edit) for name in names]


def _profile_row(name: str, view: CustomerView, can_pin: bool, can_edit: bool) -> ProfileRow:
    chosen = view.golden[name]
    value = shown_value(name, chosen.value)
    said = [line for line in view.records if name in line.attributes and line.attributes[name].value]
    can_say = can_edit and name not in _CANNOT_BE_SAID
    candidates = [_candidate(name, one, said, can_say, has_won=one is chosen) for one in (chosen, *chosen.others)]
    mark = None
    if chosen.source_id is not None:
        source = live.source_name(chosen.source_id)
        at = parse_datetime(chosen.at) if chosen.at else None
        mark = SourceMark(source, f"{source} · {format_moment(at)}" if at else source)
    return ProfileRow(
        attribute=name,
        label=vocabulary.attribute_label(name),
        value=value,
        source=mark,
        agreeing=len(_who_else(name, chosen, said)),
        conflicts=len({one.value for one in candidates[1:]} - {value}),
        candidates=tuple(candidates),
        rule=vocabulary.RULES.get(chosen.rule, chosen.rule),
        is_pinned=chosen.rule == "pin",
        can_pin=can_pin,
    )


def _candidate(name: str, said: PresentedField, lines: list[RecordLine], can_say: bool, *, has_won: bool) -> Candidate:
    others = _who_else(name, said, lines)
    return Candidate(
        value=shown_value(name, said.value),
        source=live.source_name(said.source_id),
        at=parse_datetime(said.at) if said.at else None,
        has_won=has_won,
        pin_value=str(said.record_id) if said.record_id else "",
        also=_("also %(sources)s") % {"sources": ", ".join(others)} if others else "",
        is_verified=said.is_verified,
        can_correct=can_say and not has_won and said.record_id is not None and not _is_typed(said),
        can_verify=can_say and not said.is_verified and said.record_id is not None,
    )


def _is_typed(said: PresentedField) -> bool:
    """What was typed here is edited here."""
    return live.source_names().get(said.source_id or 0, ("", ""))[1] == "native"


def _who_else(name: str, said: PresentedField, lines: list[RecordLine]) -> list[str]:
    """Names of the other sources that say the same, as far as one may see it."""
    sources = {
        line.record.source_id
        for line in lines
        if line.record.source_id != said.source_id and line.attributes[name].value == said.value
    }
    return sorted(live.source_name(source) for source in sources)
