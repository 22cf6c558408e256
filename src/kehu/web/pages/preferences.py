"""What a customer likes, in words: each with the evidence it follows from."""

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from kehu.govern.access import Actor
from kehu.profile.preferences.evidence import PreferenceKind
from kehu.profile.preferences.fields import CHANNELS, LABELS, PARTS_OF_DAY
from kehu.profile.preferences.queries import PreferenceLine, preferences_of
from kehu.web import vocabulary
from kehu.web.components import Text
from kehu.web.wording import format_day

_HOWS: dict[str, Promise] = {
    "bought": pgettext_lazy("evidence", "bought"),
    "viewed": pgettext_lazy("evidence", "viewed"),
    "added": pgettext_lazy("evidence", "put into the cart"),
    "wished": pgettext_lazy("evidence", "wished for"),
    "reviewed": pgettext_lazy("evidence", "reviewed"),
}
_CODES = {PreferenceKind.CHANNEL: dict(CHANNELS), PreferenceKind.HOURS: dict(PARTS_OF_DAY)}


@dataclass(frozen=True, slots=True)
class Liked:
    """One thing a customer goes for. evidence: what was done and how often; note: of how much, and when last."""

    value: Text
    evidence: str
    note: str


@dataclass(frozen=True, slots=True)
class LikedKind:
    label: Text
    liked: list[Liked]


def liked_by(actor: Actor, customer_id: UUID) -> list[LikedKind]:
    lines = preferences_of(actor, customer_id)
    return [
        LikedKind(LABELS[PreferenceKind(kind)], [_liked(line) for line in several])
        for kind, several in groupby(lines, key=lambda line: line.kind)
    ]


def shown_preference(kind: str, value: str) -> Text:
    """Codes of channels and hours in words; products and content as they are called."""
    return _CODES.get(PreferenceKind(kind), {}).get(value, value)


def _liked(line: PreferenceLine) -> Liked:
    parts = [
        _("%(what)s %(n)d×") % {"what": _HOWS.get(how) or _kind(how), "n": count}
        for how, count in sorted(line.evidence.items(), key=lambda one: -one[1])
    ]
    note = _("%(percent)d %% of what speaks for this, last %(day)s") % {
        "percent": round(line.share * 100),
        "day": format_day(line.last_at),
    }
    return Liked(shown_preference(line.kind, line.value), " · ".join(parts), note)


def _kind(how: str) -> Text:
    return vocabulary.KINDS[how].label if how in vocabulary.KINDS else how
