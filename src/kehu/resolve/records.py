"""What one source knows of one person now: folded from touches by the time things were true, never by arrival."""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from kehu.clean.nobody import means_nobody
from kehu.clean.touches import DEVICE, ORGANISATION, PERSON, Touch, Value
from kehu.resolve.identity_rules import STITCH

_KIND_RANK: Final = {DEVICE: 0, PERSON: 1, ORGANISATION: 2}
_WEAK_FLAGS: Final = frozenset({"partial", "masked", "invalid"})
UNVERIFIED: Final = "unverified"

BindingKey = tuple[str, str]  # (identifier type, value)


class Attr(msgspec.Struct, omit_defaults=True):
    """An attribute value and when it was true. v None: erased then. n: normal form. f: flags. m: typed by a person."""

    v: str | None
    at: datetime
    n: str = ""
    f: tuple[str, ...] = ()
    m: bool = False

    def outranks(self, other: "Attr") -> bool:
        """Whole values before masked ones, then the later one; equal times are settled by the text and its flags."""
        return self._rank() > other._rank()

    def _rank(self) -> tuple[bool, datetime, bool, str, tuple[str, ...]]:
        return (not _WEAK_FLAGS.intersection(self.f), self.at, self.m, self.v or "", self.f)


class Bound(msgspec.Struct):
    """A record's hold on an identifier: since when it was first seen there, and until the next one took its place."""

    valid_from: datetime
    valid_to: datetime | None = None
    is_trusted: bool = True


class RecordState(msgspec.Struct):
    """One source record in memory, and what this window did to it.

    seen_again: only its times moved on. changed: its values, keys or kind. values_changed: what a golden record shows.
    evidence_changed: what a match looks at.
    """

    id: UUID
    source_id: int
    external_id: str
    kind: str
    first_shard: int
    first_seq: int
    first_at: datetime
    last_at: datetime
    department_id: int | None = None
    attributes: dict[str, Attr] = {}
    match_keys: list[int] = []
    bindings: dict[BindingKey, Bound] = {}
    seen_again: bool = False
    changed: bool = False
    values_changed: bool = False
    evidence_changed: bool = False
    new_bindings: set[BindingKey] = set()

    @property
    def anonymous_id(self) -> str:
        """The value under which users bind this device."""
        return f"{self.source_id}:{self.external_id}"


def absorb(record: RecordState, touch: Touch, device_anonymous_id: str | None) -> None:
    """Fold one touch into the record; marks what changed. Any order of touches gives the same state."""
    at = touch.occurred_at.astimezone(UTC)
    see(record, at)
    if _KIND_RANK[touch.kind] > _KIND_RANK[record.kind]:
        record.kind, record.changed, record.values_changed, record.evidence_changed = touch.kind, True, True, True
    for name, value in touch.attributes.items():
        _offer(record, name, _attr(value, touch, at))
    for name in touch.erased:
        _offer(record, name, Attr(None, at, m=touch.is_manual))
    if touch.is_trusted:
        for identifier in touch.identifiers:
            if not means_nobody(identifier.value):
                _bind(record, (identifier.type, identifier.value), at)
    if device_anonymous_id is not None:
        _bind(record, (STITCH, device_anonymous_id), at)


def see(record: RecordState, at: datetime) -> None:
    """Something was heard of the record at that time."""
    if at < record.first_at or at > record.last_at:
        record.first_at, record.last_at = min(record.first_at, at), max(record.last_at, at)
        record.seen_again = True


def _attr(value: Value, touch: Touch, at: datetime) -> Attr:
    flags = value.flags if touch.is_trusted else (*value.flags, UNVERIFIED)
    return Attr(value.v, at, value.n, flags, touch.is_manual)


def _offer(record: RecordState, name: str, offered: Attr) -> None:
    known = record.attributes.get(name)
    if known is not None and not offered.outranks(known):
        return
    same_value = known is not None and (known.v, known.f) == (offered.v, offered.f)
    record.attributes[name] = offered
    record.changed = record.values_changed = True
    if not same_value:
        record.evidence_changed = True


def _bind(record: RecordState, key: BindingKey, at: datetime) -> None:
    bound = record.bindings.get(key)
    if bound is None:
        record.bindings[key] = Bound(at)
        record.evidence_changed |= key[0] != STITCH
    elif at < bound.valid_from:
        bound.valid_from = at
    else:
        return
    record.new_bindings.add(key)
    _close_earlier(record, key[0])


def _close_earlier(record: RecordState, type_: str) -> None:
    """A record's phones follow one another in time: each ends where the next begins. Devices are held side by side."""
    if type_ == STITCH:
        return
    held = sorted((bound.valid_from, key) for key, bound in record.bindings.items() if key[0] == type_)
    for position, (_, key) in enumerate(held):
        end = held[position + 1][0] if position + 1 < len(held) else None
        if record.bindings[key].valid_to != end:
            record.bindings[key].valid_to = end
            record.new_bindings.add(key)


class Proof(NamedTuple):
    """Identifiers that prove less than their type says. nothing: blocked or demoted. only_by_name: a family's."""

    nothing: set[BindingKey]
    only_by_name: set[BindingKey]


def full_name(record: RecordState) -> str:
    """The sound of the record's name; "" when it has none, or only 张先生 or 张*."""
    name = record.attributes.get("name")
    if name is None or not name.v or "partial" in name.f or UNVERIFIED in name.f:
        return ""
    return name.n or name.v


def match_row(record: RecordState, proof: Proof) -> dict[str, Any]:
    """The record as the matcher reads it: a nameless record's family phone could be any of the family's."""
    without = proof.nothing if full_name(record) else proof.nothing | proof.only_by_name
    row: dict[str, Any] = {
        name: attr.v
        for name, attr in record.attributes.items()
        if attr.v and "invalid" not in attr.f and UNVERIFIED not in attr.f and name not in ("phone", "email")
    }
    held: dict[str, list[str]] = {}
    identifiers: list[BindingKey] = []
    for key in sorted(record.bindings):
        if key in without or key[0] == STITCH:
            continue
        if key[0] in ("phone", "email"):
            held.setdefault(key[0], []).append(key[1])
        else:
            identifiers.append(key)
    masked = record.attributes.get("phone")
    if masked is not None and masked.v and "masked" in masked.f and UNVERIFIED not in masked.f:
        held.setdefault("phone", []).append(masked.v)
    row.pop("id_number", None)
    if record.kind == ORGANISATION and row.get("name"):
        row["company"] = row.pop("name")
    return {**row, **held, "identifiers": identifiers}
