"""Files of customers that wait for a second person: who made them, of whom, what for."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from kehu.govern.access import Actor
from kehu.govern.consent.queries import purpose_names
from kehu.profile.filters.tree import filter_from
from kehu.profile.models import Export
from kehu.profile.services.releases import exports_waiting
from kehu.web import live
from kehu.web.pages.filter_words import told_group
from kehu.web.wording import format_count


@dataclass(frozen=True, slots=True)
class WaitingExport:
    """of_whom: the filter in words, as the reader may see its values."""

    id: int
    who: str
    at: datetime
    rows: str
    of_whom: str
    purpose: str
    reason: str
    url: str


def waiting_rows(actor: Actor) -> list[WaitingExport]:
    names = purpose_names()
    return [
        WaitingExport(
            one.pk,
            live.people_names().get(one.actor_id or 0, "—"),
            one.created_at,
            format_count(one.rows or 0),
            _of_whom(actor, one),
            names.get(one.purpose, one.purpose),
            one.reason,
            reverse("web:privacy_export_decide", args=[one.pk]),
        )
        for one in exports_waiting(actor)
    ]


def _of_whom(actor: Actor, export: Export) -> str:
    group = filter_from(export.filter)
    parts = [export.query, "" if group.is_empty else told_group(actor, group)]
    return " · ".join(part for part in parts if part) or _("everybody in their sight")
