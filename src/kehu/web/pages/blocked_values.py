"""Values that identify nobody, with who blocked them and why."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.govern.access import Actor
from kehu.profile.queries.blocked_values import blocked_values
from kehu.profile.services.block import BLOCKABLE
from kehu.web import vocabulary
from kehu.web.components import Empty, Text
from kehu.web.forms import DressedForm
from kehu.web.wording import format_count, shown_value

PAGE_SIZE = 50


class BlockForm(DressedForm):
    type = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=lambda: [(name, vocabulary.identifier_sign(name).label) for name in BLOCKABLE],
    )
    value = forms.CharField(label=gettext_lazy("Value"), max_length=300)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, help_text=gettext_lazy("The shop's own number, say.")
    )


@dataclass(frozen=True, slots=True)
class BlockedRow:
    icon: str
    kind: Text
    value: str
    reason: str
    bearers: str
    at: datetime
    lift_url: str


@dataclass(frozen=True, slots=True)
class BlockedValuesPage:
    rows: list[BlockedRow]
    can_manage: bool
    shown: str
    empty: Empty
    next_url: str = ""
    first_url: str = ""


def blocked_values_page(actor: Actor, *, before_id: int | None = None) -> BlockedValuesPage:
    lines = blocked_values(actor, before_id=before_id, limit=PAGE_SIZE + 1)
    shown, has_more = lines[:PAGE_SIZE], len(lines) > PAGE_SIZE
    address, can_manage = reverse("web:blocked_values"), actor.can("profile.manage")
    return BlockedValuesPage(
        rows=[
            BlockedRow(
                vocabulary.identifier_sign(line.type).icon,
                vocabulary.identifier_sign(line.type).label,
                shown_value(line.type, line.value),
                line.reason,
                format_count(line.bearers),
                line.created_at,
                reverse("web:blocked_value_lift", args=[line.id]) if can_manage else "",
            )
            for line in shown
        ],
        can_manage=can_manage,
        shown=ngettext("%(n)d shown", "%(n)d shown", len(shown)) % {"n": len(shown)},
        empty=Empty("fingerprint", _("No value is blocked"), _("Block what many people give that is nobody's own.")),
        next_url=f"{address}?before={shown[-1].id}" if has_more else "",
        first_url=address if before_id else "",
    )
