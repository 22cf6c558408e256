"""Corrections sent to the owners of sources, and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kehu.govern.access import Actor
from kehu.profile.corrections.queries import corrections
from kehu.web import live, vocabulary
from kehu.web.components import Text
from kehu.web.wording import shown_value

STATES: Final = {
    "open": (pgettext_lazy("correction", "open"), "warn"),
    "corrected": (_("corrected"), "accent"),
    "changed": (_("says something else now"), ""),
    "gone": (_("says nothing any more"), ""),
    "withdrawn": (_("withdrawn"), ""),
}


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    id: int
    customer_url: str
    source: str
    attribute: Text
    wrong: str
    right: str
    sent_by: str
    owner: str
    sent_at: datetime
    state: Text
    tone: str
    is_open: bool


def correction_rows(actor: Actor) -> list[CorrectionRow]:
    people = live.people_names()
    return [
        CorrectionRow(
            one.id,
            reverse("web:customer", args=[one.customer_id]),
            one.source,
            vocabulary.attribute_label(one.attribute),
            shown_value(one.attribute, str(one.wrong)),
            shown_value(one.attribute, str(one.right)),
            people.get(one.sent_by_id or 0, ""),
            people.get(one.owner_id or 0, ""),
            one.sent_at,
            *STATES[one.state],
            one.state == "open",
        )
        for one in corrections(actor)
    ]
