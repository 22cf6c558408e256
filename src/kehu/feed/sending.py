"""Sends what is due. Each receiver is served by one thread at a time, so a slow or dead one holds nobody else up.

At least once, always under the same webhook-id: a receiver that has seen the id drops the message.
"""

import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from threading import Event as Stop
from typing import Final

import django.db
import psycopg
from django.db import connection as django_connection
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from kehu.core import outbound
from kehu.core.database import current_connection
from kehu.core.outbound import OutboundAnswer, OutboundFailed, OutboundRefused
from kehu.core.sealing import NotOurSeal, unseal
from kehu.feed import signing
from kehu.feed.models import Delivery, Webhook
from kehu.feed.retrying import pause_after, wait_after

logger = logging.getLogger(__name__)

Send = Callable[[str, bytes, dict[str, str]], OutboundAnswer]

SEAL: Final = "feed webhook secret"
RECEIVERS_AT_ONCE: Final = 4
LEASE: Final = timedelta(seconds=90)
MESSAGES_A_TURN: Final = 50
PAUSE_SECONDS: Final = 0.5
GONE: Final = 410
_DATABASE_ERRORS = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to serve one receiver, until its lease runs out or somebody draws a newer number."""

    webhook_id: int
    lease_no: int


def run_sender(stop: Stop) -> None:
    """Serve the receivers that have something due, a few at once, until told to stop."""
    free = BoundedSemaphore(RECEIVERS_AT_ONCE)

    def serve_and_free(turn: Turn) -> None:
        try:
            serve(turn, stop)
        except _DATABASE_ERRORS as error:
            logger.warning("webhooks: the database is away", extra={"error": type(error).__name__})
        except Exception:
            logger.exception("webhooks: a receiver could not be served", extra={"webhook": turn.webhook_id})
        finally:
            django_connection.close()
            free.release()

    with ThreadPoolExecutor(RECEIVERS_AT_ONCE, thread_name_prefix="webhook") as pool:
        while not stop.is_set():
            if not free.acquire(timeout=PAUSE_SECONDS):
                continue
            turn = _take_turn_quietly()
            if turn is not None:
                pool.submit(serve_and_free, turn)
            else:
                free.release()
                stop.wait(PAUSE_SECONDS)
    django_connection.close()


def _take_turn_quietly() -> Turn | None:
    try:
        return take_turn()
    except _DATABASE_ERRORS:
        django_connection.close()
        return None


def take_turn() -> Turn | None:
    """Lease the receiver whose oldest due message has waited longest."""
    row = (
        current_connection()
        .execute(
            """UPDATE feed_webhook SET lease_until = clock_timestamp() + %s, lease_no = lease_no + 1
               WHERE id = (
                   SELECT w.id FROM feed_webhook AS w, LATERAL (
                       SELECT next_at FROM feed_delivery AS d
                       WHERE d.webhook_id = w.id AND d.state = 'pending' ORDER BY next_at LIMIT 1) AS due
                   WHERE w.is_enabled AND due.next_at <= clock_timestamp()
                       AND coalesce(w.paused_until, '-infinity') <= clock_timestamp()
                       AND coalesce(w.lease_until, '-infinity') < clock_timestamp()
                   ORDER BY due.next_at LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
               RETURNING id, lease_no""",
            (LEASE,),
        )
        .fetchone()
    )
    return None if row is None else Turn(*row)


def serve(turn: Turn, stop: Stop, send: Send | None = None) -> int:
    """Send what is due to one receiver, oldest first, until something fails. Returns how many were taken."""
    taken = 0
    for _ in range(MESSAGES_A_TURN):
        webhook = _still_ours(turn)
        if stop.is_set() or webhook is None:
            break
        delivery = (
            Delivery.objects.filter(webhook=webhook, state=Delivery.State.PENDING, next_at__lte=Now())
            .order_by("next_at", "id")
            .first()
        )
        if delivery is None or not _send_one(webhook, delivery, _post if send is None else send):
            break
        taken += 1
    Webhook.objects.filter(pk=turn.webhook_id, lease_no=turn.lease_no).update(lease_until=None)
    return taken


def _still_ours(turn: Turn) -> Webhook | None:
    """Extend the lease; None when it is another's, or the webhook was switched off meanwhile."""
    ours = Webhook.objects.filter(pk=turn.webhook_id, lease_no=turn.lease_no, is_enabled=True)
    return ours.first() if ours.update(lease_until=Now() + LEASE) else None


def _send_one(webhook: Webhook, delivery: Delivery, send: Send) -> bool:
    body = delivery.body.encode()
    try:
        signed = signing.headers(
            delivery.webhook_message_id, int(timezone.now().timestamp()), body, valid_secrets(webhook)
        )
        answer = send(webhook.url, body, signed)
        status, error = answer.status, ""
    except (OutboundRefused, OutboundFailed) as failed:
        status, error = None, str(failed)
    except NotOurSeal:
        status, error = None, "The secret was sealed with another KEHU_SECRET_KEY: rotate it."
    if status is not None and 200 <= status < 300:
        _note_success(webhook, delivery, status)
        return True
    _note_failure(webhook, delivery, status, error or f"answered {status}")
    return False


def valid_secrets(webhook: Webhook) -> list[str]:
    """The newest first. Raises NotOurSeal."""
    keys = [unseal(webhook.secret, SEAL)]
    if webhook.old_secret and webhook.old_secret_until and webhook.old_secret_until > timezone.now():
        keys.append(unseal(webhook.old_secret, SEAL))
    return keys


def _note_success(webhook: Webhook, delivery: Delivery, status: int) -> None:
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.PENDING).update(
        state=Delivery.State.DELIVERED,
        attempts=models.F("attempts") + 1,
        last_status=status,
        last_error="",
        delivered_at=Now(),
    )
    Webhook.objects.filter(pk=webhook.pk).update(failures_in_row=0, paused_until=None, last_success_at=Now())


def _note_failure(webhook: Webhook, delivery: Delivery, status: int | None, error: str) -> None:
    attempts, failures = delivery.attempts + 1, webhook.failures_in_row + 1
    wait, pause = wait_after(attempts, random.random()), pause_after(failures)
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.PENDING).update(
        state=Delivery.State.PENDING if wait else Delivery.State.DEAD,
        attempts=attempts,
        last_status=status,
        last_error=error[:500],
        next_at=Now() + wait if wait else models.F("next_at"),
    )
    changes: dict[str, object] = {"failures_in_row": failures, "last_failure_at": Now()}
    if pause:
        changes["paused_until"] = Now() + pause
    if status == GONE:
        changes |= {"is_enabled": False, "disabled_because": "the receiver answered 410 Gone"}
    Webhook.objects.filter(pk=webhook.pk).update(**changes)
    logger.info("webhook failed", extra={"webhook": webhook.pk, "status": status, "attempts": attempts})


def _post(url: str, body: bytes, headers: dict[str, str]) -> OutboundAnswer:
    return outbound.send("POST", url, body=body, headers=headers)
