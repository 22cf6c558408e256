"""What people say to Kehu, written down with its proof; addresses left alone; purposes and notices.

Every no locks out the sends under way before it is written, so that nothing goes out once it is acknowledged.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core import bus
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern import audit
from kehu.govern.access import SYSTEM, Actor, customer_for, require
from kehu.govern.consent.addresses import CHANNELS, hash_of, kind_of_channel, stored_forms
from kehu.govern.consent.gate import lock_out
from kehu.govern.consent.links import Holder
from kehu.govern.consent.models import EVERY, Basis, Mark, MarkKind, Notice, Purpose, Separate, State, Suppression, Word
from kehu.govern.consent.people import addresses_of, bearers_of, current_id, customer_of_record, records_of
from kehu.govern.consent.stop_words import Reply, read_reply

Choice = tuple[str, str]
"""(purpose, channel)."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where something was said, and the proof kept of it. name: page, api, link, one_click, reply."""

    name: str
    ip: str | None = None
    proof: Mapping[str, Any] | None = None


@transaction.atomic
def give_consent(
    customer_id: UUID,
    choices: Collection[Choice],
    *,
    door: Door,
    actor: Actor,
    is_separate: bool = False,
    has_guardian: bool = False,
) -> UUID:
    """A yes per purpose and channel, each to be named. Returns the act's id. Gives back an address left alone only
    because of an erasure: whoever comes back is admitted anew."""
    customer = _customer(customer_id, actor)
    for purpose, channel in choices:
        if purpose == EVERY or channel == EVERY:
            raise InvalidInput("purpose", _("a yes names its purpose and its channel."))
        _known_purpose(purpose)
        _known_channel(channel)
    audit.act_as(actor, "consent given")
    records = records_of(customer)
    act = _write(records, choices, State.GRANTED, door, actor, is_separate, has_guardian)
    _lift(_hashes_of(records, {channel for _, channel in choices}), choices, (Suppression.Cause.ERASURE,))
    return act


@transaction.atomic
def withdraw_consent(customer_id: UUID, choices: Collection[Choice], *, door: Door, actor: Actor) -> UUID:
    """A no per purpose and channel, "*" for all of them. When this returns and commits, nothing goes out any more."""
    customer = _customer(customer_id, actor)
    audit.act_as(actor, "consent withdrawn")
    lock_out([customer], ())
    return _write(records_of(customer), choices, State.WITHDRAWN, door, actor)


@transaction.atomic
def choose_by_link(holder: Holder, wanted: Mapping[Choice, bool], *, door: Door) -> None:
    """What the holder of a signed link chooses: every purpose and channel shown, yes or no. No login."""
    customer = customer_of_record(holder.record_id) if holder.record_id else None
    yes = [choice for choice, is_wanted in wanted.items() if is_wanted]
    no = [choice for choice, is_wanted in wanted.items() if not is_wanted]
    for purpose, channel in wanted:
        _known_purpose(purpose)
        _known_channel(channel)
    audit.act_as(SYSTEM, "preference centre")
    lock_out([customer] if customer else [], [holder.address_hash])
    for purpose, channel in no:
        if kind_of_channel(channel) == kind_of_channel(holder.channel):
            _suppress(holder.address_hash, channel, purpose, Suppression.Cause.UNSUBSCRIBE)
    _lift([holder.address_hash], yes, tuple(Suppression.Cause.values))
    if customer is not None:
        records = records_of(customer)
        if no:
            _write(records, no, State.WITHDRAWN, door, SYSTEM)
        if yes:
            _write(records, yes, State.GRANTED, door, SYSTEM)


@transaction.atomic
def unsubscribe(holder: Holder, *, door: Door) -> None:
    """One click: the address hears no more of the link's purpose by its channel. Twice is once."""
    audit.act_as(SYSTEM, "unsubscribe")
    customer = customer_of_record(holder.record_id) if holder.record_id else None
    lock_out([customer] if customer else [], [holder.address_hash])
    _suppress(holder.address_hash, holder.channel, holder.purpose, Suppression.Cause.UNSUBSCRIBE)
    if customer is not None:
        choice = (holder.purpose or EVERY, holder.channel)
        _write(records_of(customer), [choice], State.WITHDRAWN, door, SYSTEM)


@transaction.atomic
def hear_reply(channel: str, address: str, text: str, *, actor: Actor, message_id: str = "") -> Reply:
    """An answer to a message of ours. 退订, TD, STOP: the address is left alone and its bearers withdraw; 订阅, START
    undoes that. Anything else is no answer to this question."""
    require(actor, "consent.record")
    _known_channel(channel)
    digest = hash_of(kind_of_channel(channel), address)
    if digest is None:
        raise InvalidInput("address", _("this is no address of the channel."))
    reply = read_reply(text)
    if reply is Reply.NONE:
        return reply
    audit.act_as(actor, f"reply by {channel}")
    bearers = bearers_of(channel, address)
    door = Door("reply", proof={"text": text[:200], "message_id": message_id[:100]})
    if reply is Reply.STOP:
        lock_out(bearers, [digest])
        _suppress(digest, channel, "", Suppression.Cause.REPLY)
        for bearer in bearers:
            _write(records_of(bearer), [(EVERY, channel)], State.WITHDRAWN, door, actor)
    else:
        _lift([digest], [("", channel)], (Suppression.Cause.REPLY, Suppression.Cause.ERASURE))
    return reply


@transaction.atomic
def suppress_address(channel: str, address: str, *, purpose: str = "", cause: str, actor: Actor) -> None:
    """Leave an address alone: a complaint, a bounce, a wish by telephone. channel "": by every channel it has."""
    require(actor, "consent.record")
    if cause not in Suppression.Cause.values:
        raise InvalidInput("cause", _("unknown."))
    _known_channel(channel)
    digest = hash_of(kind_of_channel(channel), address)
    if digest is None:
        raise InvalidInput("address", _("this is no address of the channel."))
    audit.act_as(actor, f"suppress an address: {cause}")
    lock_out((), [digest])
    _suppress(digest, channel, purpose, cause)


@transaction.atomic
def give_back_address(channel: str, address: str, *, reason: str, actor: Actor) -> int:
    """Its holder asked for it, or it was entered by mistake: the address is no longer left alone. Returns entries."""
    require(actor, "privacy.manage")
    digest = hash_of(kind_of_channel(channel), address) if channel in CHANNELS else None
    if digest is None:
        raise InvalidInput("address", _("this is no address of the channel."))
    if not reason.strip():
        raise InvalidInput("reason", _("say who asked for it, and how."))
    audit.act_as(actor, reason.strip())
    stored = list(stored_forms(digest).values())
    return Suppression.objects.filter(address_hash__in=stored, lifted_at=None).update(lifted_at=Now())


def suppress_for_erasure(addresses: Collection[tuple[str, str]]) -> None:
    """The addresses (kind, normal form) of a person who is being forgotten, as hashes."""
    hashes = [digest for kind, form in addresses if (digest := hash_of(kind, form)) is not None]
    lock_out((), hashes)
    for digest in hashes:
        _suppress(digest, "", "", Suppression.Cause.ERASURE)


@transaction.atomic
def set_mark(customer_id: UUID, kind: str, *, actor: Actor, reason: str = "") -> None:
    """No profiling, minor, deceased, restricted: on every record of the person, sends under way finish first."""
    customer = _customer(customer_id, actor)
    if kind not in MarkKind.values:
        raise InvalidInput("kind", _("unknown."))
    audit.act_as(actor, reason or f"mark: {kind}")
    lock_out([customer], ())
    Mark.objects.bulk_create(
        [Mark(record_id=record, kind=kind, reason=reason, actor_id=actor.user_id) for record in records_of(customer)],
        ignore_conflicts=True,
    )


@transaction.atomic
def lift_mark(customer_id: UUID, kind: str, *, actor: Actor, reason: str = "") -> None:
    customer = _customer(customer_id, actor)
    if kind == MarkKind.RESTRICTED:
        require(actor, "privacy.manage")
    audit.act_as(actor, reason or f"mark lifted: {kind}")
    Mark.objects.filter(record_id__in=records_of(customer), kind=kind).delete()


@transaction.atomic
def save_purpose(slug: str, *, actor: Actor, version: int | None = None, asks_anew: bool = False, **fields: Any) -> int:
    """Enter or change a purpose; returns its version. asks_anew: what it is used for changed, so every yes until now
    was to something else and must be asked for again."""
    require(actor, "purpose.manage")
    _check_purpose(fields)
    audit.act_as(actor, f"purpose {slug}")
    known = Purpose.objects.select_for_update().filter(slug=slug).first()
    if known is None:
        return Purpose.objects.create(slug=slug, **fields).version
    if version is not None and version != known.version:
        raise VersionConflict("purpose", slug, version, known.version)
    for name, value in fields.items():
        setattr(known, name, value)
    if asks_anew:
        known.counts_since = timezone.now()
    known.version += 1
    known.changed_at = timezone.now()
    known.save()
    return known.version


@transaction.atomic
def enter_purpose(slug: str, *, actor: Actor, **fields: Any) -> None:
    """A new purpose; one of that name is not written over."""
    require(actor, "purpose.manage")
    if Purpose.objects.filter(slug=slug).exists():
        raise InvalidInput("slug", _("there is a purpose of that name already."))
    save_purpose(slug, actor=actor, **fields)


@transaction.atomic
def publish_notice(text_zh: str, text_en: str, *, actor: Actor) -> int:
    """A new notice; the ones before stay as they were shown. Returns its version."""
    require(actor, "purpose.manage")
    if not text_zh.strip() or not text_en.strip():
        raise InvalidInput("text_zh", _("a notice is given in both languages."))
    audit.act_as(actor, "notice published")
    newest = Notice.objects.aggregate(newest=Max("version"))["newest"] or 0
    digest = hashlib.sha256(f"{text_zh}\x1f{text_en}".encode()).hexdigest()
    notice = Notice.objects.create(
        version=newest + 1, text_zh=text_zh, text_en=text_en, digest=digest, published_by_id=actor.user_id
    )
    return notice.version


def _customer(customer_id: UUID, actor: Actor) -> UUID:
    customer = customer_for(actor, current_id(customer_id))
    require(actor, "consent.record")
    return customer


def _write(
    records: Sequence[UUID],
    choices: Collection[Choice],
    state: str,
    door: Door,
    actor: Actor,
    is_separate: bool = False,
    has_guardian: bool = False,
    at: datetime | None = None,
) -> UUID:
    act = uuid4()
    versions = dict(Purpose.objects.values_list("slug", "version"))
    notice = Notice.objects.aggregate(newest=Max("version"))["newest"]
    moment = at or timezone.now()
    Word.objects.bulk_create(
        Word(
            act_id=act,
            record_id=record,
            purpose=purpose,
            channel=channel,
            state=state,
            is_separate=is_separate,
            has_guardian=has_guardian,
            occurred_at=moment,
            door=door.name,
            notice_version=notice,
            purpose_version=versions.get(purpose),
            actor_id=actor.user_id,
            ip=door.ip,
            proof=dict(door.proof or {}),
        )
        for record in records
        for purpose, channel in sorted(set(choices))
    )
    bus.publish(
        "consent.changed",
        {"records": [str(record) for record in records], "choices": sorted(set(choices)), "state": state},
        actor_id=actor.user_id,
    )
    return act


def _suppress(digest: bytes, channel: str, purpose: str, cause: str) -> None:
    version, stored = list(stored_forms(digest).items())[-1]
    Suppression.objects.bulk_create(
        [Suppression(address_hash=stored, key_version=version, channel=channel, purpose=purpose, cause=cause)],
        ignore_conflicts=True,
    )


def _lift(hashes: Collection[bytes], choices: Collection[Choice], causes: Sequence[str]) -> None:
    """A yes by a channel gives back what was refused by it, narrow or wide."""
    for purpose, channel in choices:
        Suppression.objects.filter(
            address_hash__in=[form for one in hashes for form in stored_forms(one).values()],
            channel__in=["", channel],
            purpose__in=["", purpose],
            cause__in=causes,
            lifted_at=None,
        ).update(lifted_at=Now())


def _hashes_of(records: Sequence[UUID], channels: Collection[str]) -> list[bytes]:
    kinds = {kind_of_channel(channel) for channel in channels}
    found = [hash_of(kind, form) for kind, form in addresses_of(list(records)) if kind in kinds]
    return [digest for digest in found if digest is not None]


def _known_purpose(slug: str) -> None:
    if not Purpose.objects.filter(slug=slug).exists():
        raise NotFound("purpose", slug)


def _known_channel(channel: str) -> None:
    if channel not in CHANNELS:
        raise InvalidInput("channel", _("one of: %(known)s.") % {"known": ", ".join(CHANNELS)})


def _check_purpose(fields: Mapping[str, Any]) -> None:
    if "basis" in fields and fields["basis"] not in Basis.values:
        raise InvalidInput("basis", _("unknown."))
    if fields.get("separate") and fields["separate"] not in Separate.values:
        raise InvalidInput("separate", _("unknown."))
    if fields.get("separate") and fields.get("basis", Basis.CONSENT) != Basis.CONSENT:
        raise InvalidInput("separate", _("what needs a yes of its own rests on consent."))
    for channel in fields.get("channels", ()):
        _known_channel(channel)
