"""The identity card of a customer: its identifiers, and how its records became one."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.govern.access import Actor
from kehu.profile.queries import CustomerView
from kehu.profile.queries.view import IdentifierLine, RecordLine
from kehu.web import live, vocabulary
from kehu.web.components import IdentityRow, MergeRow
from kehu.web.wording import shown_value

MOST_IDENTITIES = 12


def identities(identifiers: list[IdentifierLine]) -> list[IdentityRow]:
    rank = {"unique": 0, "strong": 1, "weak": 2, "device": 3}
    rows = []
    for line in sorted(identifiers, key=lambda one: rank.get(one.strength, 9))[:MOST_IDENTITIES]:
        sign = vocabulary.identifier_sign(line.type)
        strength = vocabulary.STRENGTHS["demoted" if line.strength == "weak" else line.strength]
        label = _("former") if line.valid_to else strength.label
        value = shown_value(line.type, str(line.value))
        rows.append(IdentityRow(sign.icon, sign.label, value, label, "" if line.valid_to else strength.tone))
    return rows


def identity_note(view: CustomerView) -> str:
    identifiers = ngettext("%(n)d identifier", "%(n)d identifiers", len(view.identifiers))
    records = ngettext("%(n)d record", "%(n)d records", len(view.records))
    return f"{identifiers % {'n': len(view.identifiers)}} · {records % {'n': len(view.records)}}"


def merges(actor: Actor, view: CustomerView) -> list[MergeRow]:
    """Why each later record came to this customer, the newest first, then what people merged."""
    may_undo = actor.can("customer.unmerge") and len(view.records) > 1
    unmerge = reverse("web:unmerge", args=[view.id])
    rows = []
    for line in sorted(view.records[1:], key=lambda one: one.record.first_at, reverse=True):
        if line.why is None:
            continue
        rows.append(
            MergeRow(
                text=_joined_text(line),
                at=line.record.first_at,
                why_url=reverse("web:why", args=[view.id, line.why.left_id, line.why.right_id]),
                undo_url=f"{unmerge}?record={line.record.id}" if may_undo else "",
            )
        )
    return rows[:6]


def _joined_text(line: RecordLine) -> str:
    assert line.why is not None
    said = line.attributes.get("name") or line.attributes.get("nickname")
    who = {"source": live.source_name(line.record.source_id), "name": str(said) if said else line.record.external_id}
    match line.why.kind:
        case "identifier":
            label = vocabulary.identifier_sign(line.why.reason).label
            return _("%(source)s “%(name)s” joined by the same %(what)s") % {**who, "what": label}
        case "decision":
            return _("%(source)s “%(name)s” joined by hand") % who
        case "stitch":
            return _("%(source)s: a visit became known") % who
        case _:
            sure = {**who, "sure": f"{min(line.why.probability, 0.9999) * 100:.1f}%"}
            return _("%(source)s “%(name)s” joined by resemblance, %(sure)s sure") % sure
