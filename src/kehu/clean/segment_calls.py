"""One call of the Segment spec → touches: whose it is, when it was true, what it says. Pure.

identify   attributes of the user (or of the anonymous device)
track, page, screen   an event, and what the e-commerce events say of orders
group      an organisation, and the user's tie to it
alias      two ids of one person
merge      two identifiers of one person (RudderStack), from trusted callers only
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from kehu.clean.given import GivenSource, RawMessage
from kehu.clean.nobody import means_nobody
from kehu.clean.segment_orders import ORDER_EVENTS, order_number, order_of
from kehu.clean.segment_times import true_time
from kehu.clean.segment_traits import read_traits
from kehu.clean.touches import (
    DEVICE,
    ORGANISATION,
    PERSON,
    ConsentFact,
    EventFact,
    Identifier,
    RecordRef,
    Rejected,
    RelationFact,
    Touch,
    Value,
)
from kehu.clean.values import NOTHING, CleanContext, Cleaned, clean_attribute
from kehu.clean.verified import confirmed_by, mark_verified
from kehu.core.strict_json import BadJson, decode_object

USER, ANONYMOUS, GROUP = "user:", "anon:", "group:"
MAX_ID: Final = 200
MAX_EVENT_NAME: Final = 200

_CHANNEL_EVENT: Final = re.compile(
    r"(email|e-mail|sms|push)(?: notification)? (subscribed|unsubscribed|marked as spam)"
)
_MERGE_TYPES: Final[Mapping[str, str]] = {"email": "email", "phone": "phone", "mobile": "phone"}


class _Call(NamedTuple):
    """A call with everything looked up that each type needs."""

    body: Mapping[str, Any]
    key: str
    at: datetime
    source: GivenSource
    user: RecordRef | None
    device: RecordRef | None
    warnings: tuple[str, ...]
    context: CleanContext

    @property
    def who(self) -> RecordRef | None:
        return self.user or self.device

    def user_identifiers(self) -> tuple[Identifier, ...]:
        if self.user is None:
            return ()
        return (Identifier("user_id", f"{self.source.slug}:{self.user.external_id.removeprefix(USER)}"),)


def touches_of_call(message: RawMessage, source: GivenSource, context: CleanContext) -> list[Touch]:
    """Read one call. Raises Rejected (a dead letter with a reason) when it cannot be understood."""
    try:
        body = decode_object(message.payload)
    except BadJson as error:
        raise Rejected(error.code, error.detail) from error
    user, user_warnings = _id_of(body, "userId")
    anonymous, anonymous_warnings = _id_of(body, "anonymousId")
    call = _Call(
        body,
        message.message_id,
        true_time(body, message.received_at, message.sent_at, _zone(source.time_zone)),
        source,
        RecordRef(source.slug, USER + user) if user else None,
        RecordRef(source.slug, ANONYMOUS + anonymous) if anonymous else None,
        user_warnings + anonymous_warnings,
        context,
    )
    match body.get("type"):
        case "track" | "page" | "screen":
            return [_happening(call)]
        case "identify":
            return [_identify(call)]
        case "group":
            return _group(call)
        case "alias":
            return [_alias(call)]
        case "merge":
            return [_merge(call)]
        case other:
            raise Rejected("bad_type", type=str(other)[:50])


def _happening(call: _Call) -> Touch:
    """An event of the user, or of whoever held the device then."""
    _require_somebody(call)
    name = _event_name(call.body)
    properties = _dict(call.body, "properties")
    namespace = call.source.order_namespace or call.source.slug
    number = order_number(properties)
    order = None
    if call.body["type"] == "track":
        order = order_of(name, properties, namespace=namespace, buyer=call.who, at=call.at, key=call.key)
    confirmed, attributes = _confirmed(call, name, properties)
    event = EventFact(
        call.key,
        name,
        _kind_of(name),
        call.at,
        properties | _surroundings(call.body),
        (namespace, number) if number else None,
    )
    return Touch(
        occurred_at=call.at,
        record=call.user,
        device=call.device,
        attributes=attributes,
        identifiers=(*call.user_identifiers(), *confirmed.identifiers),
        events=(event,),
        orders=(order,) if order else (),
        consents=_consents(call, name),
        is_trusted=call.source.is_trusted,
        warnings=call.warnings,
    )


def _confirmed(call: _Call, name: str, properties: Mapping[str, Any]) -> tuple[Cleaned, dict[str, Value]]:
    """The address or number that the user confirmed with this event."""
    found = confirmed_by(name, properties) if call.user else None
    if found is None:
        return NOTHING, {}
    cleaned = clean_attribute(*found, call.context)
    return cleaned, mark_verified({found[0]: cleaned.value}, found[:1]) if cleaned.value else {}


def _identify(call: _Call) -> Touch:
    """Attributes. Without a user they are the device's: a newsletter form knows an address, not an account."""
    _require_somebody(call)
    # RudderStack's clients put them into the context, some into both places; the root counts first.
    traits = read_traits(_dict(_dict(call.body, "context"), "traits") | _dict(call.body, "traits"), call.context)
    return Touch(
        occurred_at=call.at,
        record=call.who,
        kind=PERSON if call.user else DEVICE,
        device=call.device if call.user else None,
        attributes=traits.attributes,
        erased=traits.erased,
        identifiers=(*call.user_identifiers(), *traits.identifiers),
        is_trusted=call.source.is_trusted,
        warnings=call.warnings + traits.warnings,
    )


def _group(call: _Call) -> list[Touch]:
    group, _ = _id_of(call.body, "groupId")
    if not group:
        raise Rejected("no_group_id")
    reference = RecordRef(call.source.slug, GROUP + group)
    traits = read_traits(_dict(call.body, "traits"), call.context, of_group=True)
    organisation = Touch(
        occurred_at=call.at,
        record=reference,
        kind=ORGANISATION,
        attributes=traits.attributes,
        erased=traits.erased,
        identifiers=traits.identifiers,
        is_trusted=call.source.is_trusted,
        warnings=traits.warnings,
    )
    if call.user is None:
        return [organisation]
    member = Touch(
        occurred_at=call.at,
        record=call.user,
        device=call.device,
        identifiers=call.user_identifiers(),
        relations=(RelationFact(reference, "contact_of"),),
        is_trusted=call.source.is_trusted,
        warnings=call.warnings,
    )
    return [organisation, member]


def _alias(call: _Call) -> Touch:
    """previousId is the anonymous id of before a sign-up, or an older id of the same user.

    Browsers can only tie their own anonymous id: two accounts are one person when a trusted caller says so.
    """
    previous, _ = _id_of(call.body, "previousId")
    if call.user is None or not (previous or call.device):
        raise Rejected("no_id", fields="userId, previousId")
    known = call.user.external_id.removeprefix(USER)
    is_new = bool(previous) and previous != known
    device = RecordRef(call.source.slug, ANONYMOUS + previous) if is_new else call.device
    identifiers = call.user_identifiers()
    if is_new:
        identifiers += (Identifier("user_id", f"{call.source.slug}:{previous}"),)
    return Touch(
        occurred_at=call.at,
        record=call.user,
        device=device,
        identifiers=identifiers,
        is_trusted=call.source.is_trusted,
        warnings=call.warnings,
    )


def _merge(call: _Call) -> Touch:
    if not call.source.is_trusted:
        raise Rejected("untrusted_merge", source=call.source.slug)
    properties = call.body.get("mergeProperties")
    identifiers: list[Identifier] = []
    for item in properties if isinstance(properties, list) else ():
        attribute = _MERGE_TYPES.get(str(item.get("type")).lower()) if isinstance(item, dict) else None
        if attribute:
            identifiers += clean_attribute(attribute, str(item.get("value", "")), call.context).identifiers
    identifiers += call.user_identifiers()
    if len(identifiers) < 2:
        raise Rejected("nothing_to_merge")
    names = "|".join(sorted(f"{identifier.type}={identifier.value}" for identifier in identifiers))
    record = call.user or RecordRef(
        call.source.slug, "merge:" + hashlib.blake2b(names.encode(), digest_size=16).hexdigest()
    )
    return Touch(occurred_at=call.at, record=record, identifiers=tuple(identifiers), warnings=call.warnings)


def _id_of(body: Mapping[str, Any], name: str) -> tuple[str, tuple[str, ...]]:
    """An id as text (hand-written calls send numbers), "" for none; and a warning when it stands for nobody."""
    value = body.get(name)
    if value is None or isinstance(value, bool | dict | list):
        return "", ()
    text = str(value).strip()
    if not text:
        return "", ()
    if means_nobody(text):
        return "", (f"{name}:stands_for_nobody",)
    if len(text) > MAX_ID:
        raise Rejected("long_id", field=name, length=len(text), most=MAX_ID)
    return text, ()


def _require_somebody(call: _Call) -> None:
    if call.who is None:
        raise Rejected("no_id", fields="userId, anonymousId")


def _event_name(body: Mapping[str, Any]) -> str:
    """Track calls bring it; pages and screens are named as Segment's destinations name them."""
    if body["type"] == "track":
        name = body.get("event")
        if not isinstance(name, str) or not name.strip():
            raise Rejected("no_event_name")
        return name.strip()[:MAX_EVENT_NAME]
    what = "Page" if body["type"] == "page" else "Screen"
    parts = [text.strip() for key in ("category", "name") if isinstance(text := body.get(key), str) and text.strip()]
    return f"Viewed {' '.join(parts)} {what}"[:MAX_EVENT_NAME] if parts else f"Loaded a {what}"


@lru_cache(4096)
def _kind_of(name: str) -> str:
    lowered = name.lower()
    if lowered in ORDER_EVENTS:
        return "trade"
    if lowered.startswith(("email ", "promotion ", "coupon ", "push notification ", "sms ")):
        return "marketing"
    if lowered.startswith(("ticket ", "case ")):
        return "service"
    if lowered.startswith("call "):
        return "contact"
    return "behaviour"


def _surroundings(body: Mapping[str, Any]) -> dict[str, Any]:
    """What later rooms ask of an event's context: the page and the campaign it came from."""
    context = _dict(body, "context")
    page, campaign = _dict(context, "page"), _dict(context, "campaign")
    found: dict[str, Any] = {}
    if page.get("url"):
        found["$page"] = {key: page[key] for key in ("url", "title", "referrer") if page.get(key)}
    if campaign:
        found["$campaign"] = campaign
    return found


def _consents(call: _Call, name: str) -> tuple[ConsentFact, ...]:
    found = _CHANNEL_EVENT.fullmatch(name.lower())
    if found is None:
        return ()
    channel = "email" if found[1] == "e-mail" else found[1]
    state = "granted" if found[2] == "subscribed" else "withdrawn"
    return (ConsentFact("marketing", channel, state, call.at, {"event": name, "message_id": call.key}),)


def _dict(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
