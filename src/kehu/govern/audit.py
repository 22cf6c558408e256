"""The audit trail: triggers write the rows, this gives them who, why and which request."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from kehu.govern.actor import Actor


def act_as(actor: Actor, reason: str = "", request_id: str = "") -> None:
    """Name who acts and why, for every row the triggers see in this transaction from here on.

    Call it first in a service, inside its transaction. An empty request id keeps that of the request.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit.act_as belongs inside the service's transaction.")
    _set_context(actor, reason, request_id, is_local=True)


def note(
    *,
    actor: Actor,
    reason: str = "",
    action: str = "",
    on: str = "",
    details: Mapping[str, Any] | None = None,
    request_id: str = "",
    address: str = "",
) -> None:
    """Give the triggers their context; with `action`, also record an act without a row (a reveal, an export).

    Call it before the rows change: triggers see what was said until then.
    """
    if connection.in_atomic_block:
        _set_context(actor, reason, request_id, is_local=True)
    if action:
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTE,
                [
                    action,
                    on,
                    json.dumps(dict(details)) if details is not None else None,
                    actor.user_id,
                    label_of(actor),
                    reason,
                    request_id,
                    address,
                ],
            )


def attribute(actor: Actor, request_id: str = "", reason: str = "", address: str = "") -> None:
    """Name who acts on this connection until `attributed_to` around it ends: a token is read after that began."""
    _set_context(actor, reason, request_id, is_local=False, address=address)


@contextmanager
def attributed_to(actor: Actor, request_id: str = "", reason: str = "", address: str = "") -> Iterator[None]:
    """Whatever is written on this connection inside is the actor's, even where a service names nobody."""
    attribute(actor, request_id, reason, address)
    try:
        yield
    finally:
        # A connection that died took its settings with it.
        if connection.connection is not None and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(_CLEAR)


def label_of(actor: Actor) -> str:
    """`li@example.com (rep)` for people, with the token for machines."""
    label = f"{actor.name} ({actor.role})" if actor.role else actor.name
    return f"{label} token {actor.token_id}"[:120] if actor.token_id is not None else label[:120]


def _set_context(actor: Actor, reason: str, request_id: str, *, is_local: bool, address: str = "") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _SET,
            {
                "actor_id": "" if actor.user_id is None else str(actor.user_id),
                "actor": label_of(actor),
                "reason": reason,
                "request_id": request_id,
                "address": address,
                "local": is_local,
            },
        )


_NOTE = """
INSERT INTO govern_auditentry (action, table_name, row_id, after, actor_id, actor_label, reason, request_id, address)
VALUES (%s, '', %s, %s, %s, %s, %s, coalesce(nullif(%s, ''), current_setting('kehu.request_id', true), ''),
        coalesce(nullif(%s, ''), current_setting('kehu.address', true), ''))
"""
_SET = """
SELECT set_config('kehu.actor_id', %(actor_id)s, %(local)s),
       set_config('kehu.actor', %(actor)s, %(local)s),
       set_config('kehu.reason', %(reason)s, %(local)s),
       set_config('kehu.request_id',
                  coalesce(nullif(%(request_id)s, ''), current_setting('kehu.request_id', true), ''),
                  %(local)s),
       set_config('kehu.address',
                  coalesce(nullif(%(address)s, ''), current_setting('kehu.address', true), ''),
                  %(local)s)
"""
_CLEAR = """
SELECT set_config('kehu.actor_id', '', false), set_config('kehu.actor', '', false),
       set_config('kehu.reason', '', false), set_config('kehu.request_id', '', false),
       set_config('kehu.address', '', false)
"""
