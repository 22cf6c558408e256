"""An effect happens once however often it is asked for: the answer is kept in the transaction of the effect."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kehu.core.errors import DomainError, InvalidInput
from kehu.core.models import IdempotencyKey

KEPT_FOR = timedelta(days=7)
MAX_KEY_LENGTH = 255


class IdempotencyConflict(DomainError):
    """The key came before, with another request."""

    code: ClassVar[str] = "idempotency_conflict"

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return _("The Idempotency-Key %(key)s was used for another request: take a new one.") % {"key": self.key}


@dataclass(frozen=True, slots=True)
class Answer:
    """is_repeated: given before; nothing was done this time."""

    status: int
    body: bytes
    is_repeated: bool = False


def once(*, holder: str, key: str, request_hash: bytes, effect: Callable[[], Answer]) -> Answer:
    """Do `effect` and keep its answer, both or neither; a repetition gets the kept answer.

    A second caller with the same key waits for the first to commit. An effect that raises leaves no trace, so it
    may be tried again. Raises IdempotencyConflict for the same key with another request.
    """
    if not (key.isascii() and key.isprintable() and len(key) <= MAX_KEY_LENGTH):
        raise InvalidInput("Idempotency-Key", _("use at most 255 printable ASCII characters."))
    with transaction.atomic():
        if not _claim(holder, key, request_hash):
            return _kept(holder, key, request_hash)
        answer = effect()
        IdempotencyKey.objects.filter(holder=holder, key=key).update(status=answer.status, body=answer.body)
    return answer


def forget_old() -> int:
    """Delete answers nobody will ask for again; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_idempotencykey WHERE created_at < now() - make_interval(secs => %s)",
            [KEPT_FOR.total_seconds()],
        )
        return int(cursor.rowcount)


def _claim(holder: str, key: str, request_hash: bytes) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (holder, key, request_hash, status, body)"
            " VALUES (%s, %s, %s, 0, '') ON CONFLICT (holder, key) DO NOTHING",
            [holder, key, request_hash],
        )
        return bool(cursor.rowcount == 1)


def _kept(holder: str, key: str, request_hash: bytes) -> Answer:
    kept = IdempotencyKey.objects.get(holder=holder, key=key)
    if bytes(kept.request_hash) != request_hash:
        raise IdempotencyConflict(key)
    return Answer(kept.status, bytes(kept.body), is_repeated=True)
