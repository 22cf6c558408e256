"""Reads of the room: what a person said and where they stand, purposes, the notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern.access import Actor, customer_for, require
from kehu.govern.consent import gate
from kehu.govern.consent.addresses import CHANNELS, hash_of, kind_of_channel, stored_forms
from kehu.govern.consent.decision import Answer
from kehu.govern.consent.links import Holder
from kehu.govern.consent.models import Basis, Mark, Notice, Purpose, State, Suppression, Word
from kehu.govern.consent.people import address_behind, current_id, customer_of_record, records_of
from kehu.govern.masking import MASKS, hide
from kehu.govern.rate_limits import LOOK_UP, count

SHOWN_CHANNELS: tuple[str, ...] = ("sms", "phone", "email", "wechat")


@dataclass(frozen=True, slots=True)
class PurposeStanding:
    """Where a person stands to one purpose, by channel."""

    purpose: Purpose
    name: str
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class Said:
    """One act: what was said, at which door, with what proof. records: of how many records it speaks."""

    act_id: UUID
    purpose: str
    channel: str
    is_yes: bool
    at: datetime
    door: str
    notice_version: int | None
    actor_id: int | None
    records: int


@dataclass(frozen=True, slots=True)
class PersonConsents:
    customer_id: UUID
    standings: list[PurposeStanding]
    said: list[Said]
    marks: list[str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a preference centre shows. address "": nobody carries it any more; the choice is kept all the same."""

    address: str
    rows: list[tuple[Purpose, str, str, dict[str, bool]]]
    channels: tuple[str, ...]


def person_consents(actor: Actor, customer_id: UUID) -> PersonConsents:
    """Raises NotFound for a customer the actor does not see."""
    customer = customer_for(actor, current_id(customer_id))
    records = records_of(customer)
    return PersonConsents(
        customer,
        [
            PurposeStanding(purpose, name_of(purpose), gate.answers_by_channel(purpose.slug, SHOWN_CHANNELS, customer))
            for purpose in asked_for()
        ],
        _said(records),
        sorted(set(Mark.objects.filter(record_id__in=records).values_list("kind", flat=True))),
    )


def choices_of(holder: Holder) -> Choices:
    """The choices of whoever holds a signed link: those of the person's channels, or of the one address alone."""
    customer = customer_of_record(holder.record_id) if holder.record_id else None
    address = address_behind(customer, holder.channel, holder.address_hash) if customer is not None else ""
    kind = kind_of_channel(holder.channel)
    channels = SHOWN_CHANNELS if customer is not None else tuple(c for c in CHANNELS if kind_of_channel(c) == kind)
    stopped = list(
        Suppression.objects.filter(
            address_hash__in=list(stored_forms(holder.address_hash).values()), lifted_at=None
        ).values_list("channel", "purpose")
    )
    rows = []
    for purpose in asked_for():
        answers = gate.answers_by_channel(purpose.slug, channels, customer) if customer is not None else {}
        chosen = {
            channel: channel in answers
            and answers[channel].allowed
            and not (
                kind_of_channel(channel) == kind
                and any(c in ("", channel) and p in ("", purpose.slug) for c, p in stopped)
            )
            for channel in channels
        }
        # What needs a question of its own is not asked among others; who said yes to it can say no to it here.
        if not purpose.separate or any(chosen.values()):
            rows.append((purpose, name_of(purpose), text_of(purpose), chosen))
    return Choices(MASKS.get(kind, hide)(address) if address else "", rows, channels)


def asked_for() -> list[Purpose]:
    """Purposes a person has a say in, the plain ones first."""
    found = Purpose.objects.filter(is_active=True, basis__in=[Basis.CONSENT, Basis.INTEREST])
    return sorted(found, key=lambda purpose: (purpose.separate != "", purpose.basis != Basis.CONSENT, purpose.pk))


def purposes(actor: Actor) -> list[Purpose]:
    require(actor, "customer.view")
    return list(Purpose.objects.order_by("-is_active", "pk"))


def purpose(actor: Actor, slug: str) -> Purpose:
    require(actor, "customer.view")
    found = Purpose.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound("purpose", slug)
    return found


def newest_notice() -> Notice | None:
    return Notice.objects.order_by("-version").first()


def may_ask_again(purpose_slug: str, customer_id: UUID, *, now: datetime | None = None) -> bool:
    """Nobody is asked again and again: not before the purpose's days have passed since the last no."""
    found = Purpose.objects.filter(slug=purpose_slug).first()
    last = Word.objects.filter(
        record_id__in=records_of(customer_id), purpose__in=[purpose_slug, "*"], state=State.WITHDRAWN
    ).aggregate(last=Max("occurred_at"))["last"]
    moment = now or timezone.now()
    return found is not None and (last is None or last + timedelta(days=found.ask_again_after_days) <= moment)


def purpose_names() -> dict[str, str]:
    return {one.slug: name_of(one) for one in Purpose.objects.all()}


def suppressed(actor: Actor) -> list[tuple[str, str, int]]:
    """(cause, channel, how many addresses), nobody's among them."""
    require(actor, "privacy.view")
    counted = Suppression.objects.filter(lifted_at=None).values_list("cause", "channel").annotate(Count("id"))
    return sorted(counted, key=lambda row: -row[2])


def suppressions_of(actor: Actor, channel: str, address: str) -> list[Suppression]:
    """Why an address that somebody names is left alone; empty when it is not. Raises InvalidInput, RateLimited."""
    require(actor, "consent.record")
    digest = hash_of(kind_of_channel(channel), address) if channel in CHANNELS else None
    if digest is None:
        raise InvalidInput("address", _("this is no address of the channel."))
    count(LOOK_UP, actor)
    stored = list(stored_forms(digest).values())
    return list(Suppression.objects.filter(address_hash__in=stored, lifted_at=None).order_by("created_at"))


def name_of(purpose: Purpose) -> str:
    return purpose.name_zh if _is_chinese() else purpose.name_en


def text_of(purpose: Purpose) -> str:
    return purpose.text_zh if _is_chinese() else purpose.text_en


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _said(records: Sequence[UUID]) -> list[Said]:
    acts: dict[tuple[UUID, str, str], Said] = {}
    counts: dict[tuple[UUID, str, str], int] = {}
    for word in Word.objects.filter(record_id__in=records).order_by("-occurred_at", "-id")[:500]:
        key = (word.act_id, word.purpose, word.channel)
        counts[key] = counts.get(key, 0) + 1
        acts[key] = Said(
            word.act_id, word.purpose, word.channel, word.state == State.GRANTED, word.occurred_at, word.door,
            word.notice_version, word.actor_id, counts[key],
        )  # fmt: skip
    return list(acts.values())[:50]
