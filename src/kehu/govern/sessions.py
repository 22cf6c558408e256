"""Where people are signed in: watched on every request, listed, and ended by themselves or an administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kehu.core.errors import NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.models import User
from kehu.govern.session_clock import SessionLimits, Verdict, judge

PASSIVE_HEADER: Final = "Kehu-Passive"
"""What a page sends when it asks by itself (a poll): nobody needs to be there. Claiming it only shortens one's own."""
_BEGAN, _SEEN = "began_at", "seen_at"
_SEEN_NOTED_EVERY = timedelta(minutes=1)


class SessionClockMiddleware:
    """Ends sessions that idled or grew too old; notes that the others are alive, at most once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._watch(request, timezone.now())
        return self.get_response(request)

    def _watch(self, request: HttpRequest, now: datetime) -> None:
        began_at, seen_at = _stamp(request, _BEGAN) or now, _stamp(request, _SEEN) or now
        limits = SessionLimits(settings.SESSION_IDLE_FOR, settings.SESSION_WHOLE_FOR)
        if judge(now, began_at, seen_at, limits) is not Verdict.LIVE:
            UserSession.objects.filter(session_key=request.session.session_key).delete()
            logout(request)
            return
        if _BEGAN not in request.session:
            request.session[_BEGAN] = now.isoformat()
        is_passive = PASSIVE_HEADER in request.headers
        if _SEEN not in request.session or (not is_passive and now - seen_at >= _SEEN_NOTED_EVERY):
            request.session[_SEEN] = now.isoformat()
            UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)


def _stamp(request: HttpRequest, name: str) -> datetime | None:
    text = request.session.get(name)
    return parse_datetime(text) if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class SessionLine:
    id: int
    user_agent: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(user_id: int, current_key: str | None = None) -> list[SessionLine]:
    """Sessions that are still open, the one last seen first."""
    found = UserSession.objects.filter(user_id=user_id)
    open_keys = set(
        Session.objects.filter(
            session_key__in=[one.session_key for one in found], expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    lines = [
        SessionLine(one.pk, one.user_agent, one.ip, one.created_at, one.last_seen_at, one.session_key == current_key)
        for one in found
        if one.session_key in open_keys
    ]
    return sorted(lines, key=lambda line: line.seen_at, reverse=True)


@transaction.atomic
def end_session(session_id: int, *, actor: Actor) -> None:
    """One's own, or anybody's for who manages people. Dead at the next click."""
    session = UserSession.objects.filter(pk=session_id).first()
    if session is None or session.user_id != actor.user_id:
        require(actor, "user.manage")
    if session is None:
        raise NotFound("session", session_id)
    audit.note(actor=actor, action="end session", on=str(session.user_id))
    session.end()


@transaction.atomic
def end_all_sessions(user_id: int, *, actor: Actor, but_key: str | None = None) -> int:
    """Sign somebody out everywhere (but in the session `but_key`); returns how many sessions ended."""
    if user_id != actor.user_id:
        require(actor, "user.manage")
    if not User.objects.filter(pk=user_id).exists():
        raise NotFound("user", user_id)
    audit.note(actor=actor, action="end sessions", on=str(user_id))
    ended = list(UserSession.objects.filter(user_id=user_id).exclude(session_key=but_key))
    for session in ended:
        session.end()
    return len(ended)
