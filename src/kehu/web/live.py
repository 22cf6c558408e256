"""What the top bar tells on every page: are the sources well, how far behind are we, how many pairs wait.

Asked every ten seconds by every open page, so each answer is kept in the process for a moment.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.collect import queries as collect
from kehu.collect.inflow import Inflow, inflow_by_hour
from kehu.collect.models import Source
from kehu.govern.access import Actor
from kehu.govern.models import User
from kehu.resolve.models import ReviewPair
from kehu.web.wording import format_span

Answer = TypeVar("Answer")
KEPT_SECONDS = 3.0
REVIEW_COUNTED = 999
_kept: dict[str, tuple[float, Any]] = {}


def keep(name: str, ask: Callable[[], Answer], seconds: float = KEPT_SECONDS) -> Answer:
    """The answer to `ask`, at most so many seconds old."""
    now = time.monotonic()
    if name in _kept and _kept[name][0] > now:
        return _kept[name][1]  # type: ignore[no-any-return]
    answer = ask()
    _kept[name] = (now + seconds, answer)
    return answer


def forget() -> None:
    """Ask everything anew: for tests, and after a change the person made."""
    _kept.clear()


def lags() -> dict[int, collect.Lag]:
    return keep("lags", collect.lag_by_source)


def inflow() -> list[Inflow]:
    return keep("inflow", inflow_by_hour, 10.0)


def source_names() -> dict[int, tuple[str, str]]:
    """Name and kind of every source by id: whoever sees a value may see where it is from."""
    return keep(
        "names", lambda: {pk: (name, kind) for pk, name, kind in Source.objects.values_list("id", "name", "kind")}, 5.0
    )


def source_name(source_id: int | None) -> str:
    return source_names().get(source_id or 0, ("", ""))[0]


def people_names() -> dict[int, str]:
    """Name of every user by id."""
    return keep("people", lambda: {user.pk: str(user) for user in User.objects.only("id", "name", "email")}, 5.0)


def pulse() -> dict[str, Any]:
    """State (live, late or quiet), a short text and a title that says all."""
    behind = lags()
    if not behind:
        if not inflow():
            return {
                "state": "quiet",
                "text": _("Up to date"),
                "title": _("Nothing waits; no message in the last 24 hours"),
            }
        return {"state": "live", "text": _("Live · up to date"), "title": _("All sources are well; nothing waits")}
    worst = max(behind.values(), key=lambda lag: lag.lag_for)
    seconds = worst.lag_for.total_seconds()
    if not worst.is_late:
        text = _("Live · %(span)s behind") % {"span": format_span(seconds)}
        return {"state": "live", "text": text, "title": _("All sources are well")}
    late = [source_id for source_id, lag in behind.items() if lag.is_late]
    names = Source.objects.filter(pk__in=late).order_by("name").values_list("name", flat=True)
    title = ngettext("%(n)d source is late: %(names)s", "%(n)d sources are late: %(names)s", len(late)) % {
        "n": len(late),
        "names": ", ".join(names),
    }
    return {"state": "late", "text": _("%(span)s behind") % {"span": format_span(seconds)}, "title": title}


def review_waiting() -> int:
    """Waiting pairs, counted up to a thousand."""
    return keep("review", lambda: ReviewPair.objects.all()[: REVIEW_COUNTED + 1].count())


def review_text(actor: Actor) -> str:
    """The count as the badge shows it: nothing for none, 999+ for many."""
    waiting = review_waiting()
    if not waiting:
        return ""
    return f"{REVIEW_COUNTED}+" if waiting > REVIEW_COUNTED else str(waiting)
