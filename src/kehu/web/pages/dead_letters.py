"""Dead letters: by reason, one by one, mended and replayed."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.collect import queries as collect
from kehu.collect.problem_texts import problem_label
from kehu.govern.access import Actor
from kehu.web.components import Empty, Tab
from kehu.web.wording import format_count

PAGE_SIZE = 50
STATES = {
    "open": gettext_lazy("open"),
    "replayed": gettext_lazy("replayed"),
    "discarded": gettext_lazy("discarded"),
}


@dataclass(frozen=True, slots=True)
class LetterRow:
    reason: str
    source: str
    detail: str
    at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class DeadLettersPage:
    rows: list[LetterRow]
    tabs: list[Tab]
    reason: str
    count_text: str
    shown: str
    empty: Empty
    replay_url: str = ""
    replay_label: str = ""
    next_url: str = ""
    first_url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    reason: str
    detail: str
    source: str
    at: datetime
    raw: str
    state: str
    can_manage: bool
    replay_url: str
    discard_url: str


def dead_letters_page(actor: Actor, *, reason: str, before_id: int | None) -> DeadLettersPage:
    """The open ones, newest first, of one reason or of all."""
    reasons = collect.dead_letter_reasons(actor)
    letters = collect.dead_letters(actor, reason=reason, before_id=before_id, limit=PAGE_SIZE + 1)
    shown, has_more = letters[:PAGE_SIZE], len(letters) > PAGE_SIZE
    address, total = reverse("web:dead_letters"), sum(one.count for one in reasons)
    of_reason = next((one.count for one in reasons if one.reason == reason), 0)
    replay = ngettext("Replay %(n)s", "Replay all %(n)s", of_reason) % {"n": format_count(of_reason)}
    return DeadLettersPage(
        rows=[
            LetterRow(
                problem_label(letter.reason),
                letter.source_name,
                letter.detail,
                letter.received_at,
                reverse("web:dead_letter", args=[letter.id]),
            )
            for letter in shown
        ],
        tabs=[
            Tab(_("All"), address, not reason, total),
            *(
                Tab(problem_label(one.reason), f"{address}?reason={one.reason}", one.reason == reason, one.count)
                for one in reasons
            ),
        ],
        reason=reason,
        count_text=format_count(total) if total else "",
        shown=ngettext("%(n)d shown", "%(n)d shown", len(shown)) % {"n": len(shown)},
        empty=Empty("inbox", _("No dead letters"), _("Every message that came in could be worked in.")),
        replay_url=reverse("web:dead_letters_replay") if of_reason and actor.can("dead_letter.manage") else "",
        replay_label=replay,
        next_url=f"{address}?reason={reason}&before={shown[-1].id}" if has_more else "",
        first_url=f"{address}?reason={reason}" if before_id else "",
    )


def letter_page(actor: Actor, letter_id: int) -> Letter:
    """Raises NotFound."""
    letter = collect.dead_letter(actor, letter_id)
    is_open = letter.state == "open"
    return Letter(
        reason=problem_label(letter.reason),
        detail=letter.detail,
        source=letter.source_name,
        at=letter.received_at,
        raw=_indented(letter.payload),
        state=str(STATES.get(letter.state, letter.state)),
        can_manage=is_open and actor.can("dead_letter.manage"),
        replay_url=reverse("web:dead_letter_replay", args=[letter.id]),
        discard_url=reverse("web:dead_letter_discard", args=[letter.id]) if is_open else "",
    )


def _indented(payload: str) -> str:
    """JSON laid out to be read and edited; anything else as it came."""
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=2)
    except ValueError:
        return payload
