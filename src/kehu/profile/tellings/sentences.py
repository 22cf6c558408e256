"""From the properties of an event to the words it is told in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from kehu.profile.tellings.telling import OTHER_MANY, Text, telling_of

SECONDS: Final = ("seconds", "duration", "duration_seconds", "CallDuration")
_LONGEST: Final = 118
STATES: Final = {
    "answered": _("answered"),
    "busy": _("busy"),
    "canceled": _("cancelled"),
    "cancelled": _("cancelled"),
    "closed": _("closed"),
    "completed": _("completed"),
    "failed": _("failed"),
    "granted": _("given"),
    "missed": _("missed"),
    "no-answer": _("not answered"),
    "no_answer": _("not answered"),
    "open": _("still open"),
    "pending": _("waiting"),
    "resolved": _("solved"),
    "solved": _("solved"),
    "withdrawn": _("withdrawn"),
    "voicemail": _("voice mail"),
    "won": _("won"),
    "lost": _("lost"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words. used: the properties that are in them, so that the details need not repeat them."""

    icon: str
    title: Text
    tone: str = ""
    about: str = ""
    quote: str = ""
    state: Text = ""
    seconds: float = 0.0
    amount: float | None = None
    currency: str = ""
    used: frozenset[str] = frozenset()

    def __str__(self) -> str:
        told = f"{self.title} {self.about}".strip()
        return f"{told} · {self.state}" if self.state else told


def tell(name: str, kind: str, properties: Mapping[str, Any]) -> Told:
    """properties: as the reader may see them."""
    telling = telling_of(name, kind)
    about, about_key = _first_text(properties, telling.about)
    quote, quote_key = _first_text(properties, telling.quote)
    state, state_key = _first_text(properties, telling.state)
    amount, amount_key = _first_number(properties, telling.amount)
    seconds, seconds_key = _first_number(properties, SECONDS)
    used = {about_key, quote_key, state_key, amount_key, seconds_key} - {""}
    return Told(
        icon=telling.icon,
        title=telling.title,
        tone=telling.tone,
        about=_short(about),
        quote=_short(quote),
        state=STATES.get(state.casefold(), _short(state)),
        seconds=seconds or 0.0,
        amount=amount,
        currency=str(properties.get("currency") or "")[:3].upper(),
        used=frozenset(used | ({"currency"} if amount_key else set())),
    )


def tell_flood(name: str, kind: str, count: int, some: Sequence[Mapping[str, Any]]) -> Told:
    """Many events of one name in a row: how many, and the first few of what they were about."""
    telling = telling_of(name, kind)
    title = telling.many % {"n": count} if telling.many else str(OTHER_MANY) % {"name": name, "n": count}
    about = dict.fromkeys(_first_text(one, telling.about)[0] for one in some)
    named = [_short(text, 40) for text in about if text]
    return Told(telling.icon, title, telling.tone, about=" · ".join(named))


def _first_text(properties: Mapping[str, Any], keys: Sequence[str]) -> tuple[str, str]:
    for key in keys:
        value = _inside(properties, key)
        if isinstance(value, str | int) and not isinstance(value, bool) and (text := str(value).strip()):
            return text, key
    return "", ""


def _first_number(properties: Mapping[str, Any], keys: Sequence[str]) -> tuple[float | None, str]:
    for key in keys:
        value = _inside(properties, key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                number = float(value)
            except ValueError:
                continue
            if 0 < abs(number) < 1e12:
                return number, key
    return None, ""


def _inside(properties: Mapping[str, Any], key: str) -> Any:
    value: Any = properties
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list) and value:
        first = value[0]
        value = first.get("name") if isinstance(first, Mapping) else first
    return value


def _short(text: str, longest: int = _LONGEST) -> str:
    return f"{text[: longest - 1]}…" if len(text) > longest else text
