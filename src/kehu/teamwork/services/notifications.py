"""Telling people, each thing once; reading, and choosing what to be told."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor
from kehu.teamwork.access import colleague
from kehu.teamwork.kinds import NotificationKind
from kehu.teamwork.models import Comment, Notification, NotificationSettings

READ_KEPT_FOR: Final = timedelta(days=30)
KEPT_FOR: Final = timedelta(days=180)


def notify_of_mention(comment: Comment, called: Collection[int]) -> None:
    """Tell who is called, but for the author. An edited comment tells nobody a second time."""
    unwanting = _unwanting(NotificationKind.MENTION, called)
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=user_id,
                kind=NotificationKind.MENTION,
                cause=f"comment:{comment.pk}",
                record_id=comment.record_id,
                comment_id=comment.pk,
                actor_id=comment.author_id,
            )
            for user_id in called
            if user_id != comment.author_id and user_id not in unwanting
        ],
        ignore_conflicts=True,
    )


def mark_read(actor: Actor, ids: Collection[int]) -> int:
    """One's own only; others' numbers change nothing. Returns how many were unread."""
    return Notification.objects.filter(user_id=actor.user_id or 0, pk__in=ids, read_at=None).update(read_at=Now())


def mark_all_read(actor: Actor, *, up_to: int) -> int:
    """Those up to a number: what came in while the list was read stays unread."""
    return Notification.objects.filter(user_id=actor.user_id or 0, pk__lte=up_to, read_at=None).update(read_at=Now())


@transaction.atomic
def choose_kinds(actor: Actor, wanted: Collection[str]) -> None:
    """Be told these kinds from now on and no others. Raises InvalidInput."""
    if unknown := set(wanted) - set(NotificationKind):
        raise InvalidInput("kinds", f"{sorted(unknown)[0][:40]!r} is none of {', '.join(NotificationKind)}.")
    unwanted = [kind.value for kind in NotificationKind if kind not in wanted]
    NotificationSettings.objects.update_or_create(user_id=colleague(actor), defaults={"unwanted": unwanted})


def forget_notifications() -> int:
    """What was read a month ago, and whatever is half a year old."""
    gone, _each = Notification.objects.filter(
        Q(read_at__lt=Now() - READ_KEPT_FOR) | Q(at__lt=Now() - KEPT_FOR)
    ).delete()
    return gone


def _unwanting(kind: NotificationKind, user_ids: Collection[int]) -> set[int]:
    found = NotificationSettings.objects.filter(user_id__in=user_ids, unwanted__contains=[kind.value])
    return set(found.values_list("user_id", flat=True))
