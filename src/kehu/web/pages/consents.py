"""The preference centre, and the consent sheet of a customer."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kehu.govern.access import Actor
from kehu.govern.consent.models import MarkKind
from kehu.govern.consent.queries import Choices, PersonConsents, name_of
from kehu.govern.consent.wording import reason_label
from kehu.web import live, vocabulary
from kehu.web.components import Choice

DOORS = {
    "page": lazy("by staff"), "api": lazy("by a system"), "link": lazy("in the preference centre"),
    "one_click": lazy("by one click in a mail"), "reply": lazy("by an answer"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A box of the preference centre, or the mark of a standing. note: why."""

    name: str
    label: str
    is_yes: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class PurposeRow:
    name: str
    text: str
    cells: list[Cell]
    is_separate: bool = False


@dataclass(frozen=True, slots=True)
class ChoicesPage:
    url: str
    address: str
    rows: list[PurposeRow]
    is_saved: bool


@dataclass(frozen=True, slots=True)
class SaidRow:
    text: str
    is_yes: bool
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class MarkRow:
    kind: str
    label: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class ConsentsSheet:
    url: str
    rows: list[PurposeRow]
    channels: list[Choice]
    said: list[SaidRow]
    marks: list[MarkRow]
    purposes: list[Choice]
    can_record: bool
    error: str = ""


def choices_page(choices: Choices, token: str, *, is_saved: bool) -> ChoicesPage:
    rows = [
        PurposeRow(
            name,
            text,
            [
                Cell(f"{purpose.slug}.{channel}", channel_label(channel), chosen[channel])
                for channel in choices.channels
            ],
            bool(purpose.separate),
        )
        for purpose, name, text, chosen in choices.rows
    ]
    return ChoicesPage(reverse("web:choices", args=[token]), choices.address, rows, is_saved)


def consents_sheet(actor: Actor, person: PersonConsents, *, error: str = "") -> ConsentsSheet:
    people = live.people_names()
    names = {one.purpose.slug: one.name for one in person.standings}
    rows = [
        PurposeRow(
            one.name,
            "",
            [
                Cell(channel, channel_label(channel), answer.allowed, reason_label(answer.reason))
                for channel, answer in one.answers.items()
            ],
        )
        for one in person.standings
    ]
    said = [
        SaidRow(
            f"{names.get(one.purpose, _('everything') if one.purpose == '*' else one.purpose)} · "
            f"{channel_label(one.channel)}",
            one.is_yes,
            one.at,
            " · ".join(
                part for part in (str(DOORS.get(one.door, one.door)), people.get(one.actor_id or 0, "")) if part
            ),
        )
        for one in person.said
    ]
    marks = [
        MarkRow(kind.value, str(kind.label), kind.value in person.marks)
        for kind in (MarkKind.NO_PROFILING, MarkKind.MINOR, MarkKind.DECEASED)
    ]
    return ConsentsSheet(
        reverse("web:customer_consents", args=[person.customer_id]),
        rows,
        [Choice(channel, channel_label(channel)) for channel in rows_channels(person)],
        said,
        marks,
        [Choice(one.purpose.slug, name_of(one.purpose)) for one in person.standings],
        actor.can("consent.record"),
        error,
    )


def rows_channels(person: PersonConsents) -> list[str]:
    return list(person.standings[0].answers) if person.standings else []


def channel_label(channel: str) -> str:
    return _("every channel") if channel == "*" else str(vocabulary.CHANNELS.get(channel, channel))
