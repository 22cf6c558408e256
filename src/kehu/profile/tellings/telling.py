"""The table of tellings: one per name of an event, found whatever the writing of the name."""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

Text = Any  # a str, or one of gettext_lazy

ABOUT: Final = ("name", "title", "subject", "query", "product", "item", "page", "path", "url", "category", "note")
QUOTE: Final = ("text", "message", "body", "comment", "content", "summary")


@dataclass(frozen=True, slots=True)
class Telling:
    """How events of one name are told.

    title: what was done ("Viewed a product"). about: properties (a dot leads inwards), the first of which that is there
    says what it was done to; quote: the same for what was said. many: "Viewed %(n)d products", for a flood of them; an
    event without it never disappears into a flood. state and amount: properties for the tag behind and the sum at the
    edge. tone: trade, service or "".
    """

    icon: str
    title: Text
    tone: str = ""
    about: tuple[str, ...] = ABOUT
    quote: tuple[str, ...] = QUOTE
    state: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    many: Text | None = None


PAGE: Final = ("title", "$page.title", "name", "path", "$page.url", "url")
_PAGE_NAME: Final = re.compile(r"(?:viewed (?P<what>.+)|loaded a) (?P<kind>page|screen)")
_KINDS: Final = {
    "trade": ("shopping-bag", "trade"),
    "behaviour": ("eye", ""),
    "service": ("headset", "service"),
    "marketing": ("speakerphone", ""),
    "contact": ("message-circle", "service"),
    "identity": ("fingerprint", ""),
}
_tellings: dict[str, Telling] = {}


def register(*names: str, telling: Telling) -> None:
    """Tell events of these names so; twice the same is the same, twice different is a mistake."""
    for name in names:
        if _tellings.setdefault(_normal(name), telling) != telling:
            raise ValueError(f"Events called {name!r} are told in two ways.")


def telling_of(name: str, kind: str) -> Telling:
    """The telling of this name; of a page; else the name itself with the icon of its kind."""
    normal = _normal(name)
    if found := _tellings.get(normal):
        return found
    if page := _PAGE_NAME.fullmatch(normal):
        return _tellings[page["kind"]]
    icon, tone = _KINDS.get(kind, ("activity", ""))
    return Telling(icon, name, tone)


def may_fold(name: str, kind: str) -> bool:
    """Whether many of them are told as one: whatever people do by the dozen, and nothing that somebody must see."""
    normal = _normal(name)
    if normal in _tellings or _PAGE_NAME.fullmatch(normal):
        return telling_of(name, kind).many is not None
    return kind == "behaviour"


def names_called(word: str) -> list[str]:
    """The names, in their normal form, of events whose telling in the reader's language has the word in it."""
    wanted = word.casefold()
    return [name for name, telling in _tellings.items() if wanted in str(telling.title).casefold()]


def _normal(name: str) -> str:
    """product_viewed and "Product  Viewed" are one name."""
    return " ".join(name.replace("_", " ").casefold().split())


OTHER_MANY: Final = _("%(name)s, %(n)d times")
