"""Reads by machines are a way out: what a program takes along is for a purpose, and the gate is asked for it.

A caller names it: `Kehu-Purpose: marketing`, `Kehu-Channel: sms`. A token that names none reads to serve the customer.
Whoever may not be used for the purpose is left out of lists, and refused when asked for by id. `reads` in operations.py
sends every answer through here, so an operation cannot forget to.
"""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from pydantic import BaseModel

from kehu.api.customer_schemas import CustomerBrief, CustomerOut
from kehu.core.errors import InvalidInput
from kehu.core.registries import Exit, ExitKind
from kehu.govern.access import actor_of
from kehu.govern.consent import gate
from kehu.govern.consent.addresses import CHANNELS
from kehu.govern.consent.errors import ConsentMissing

PURPOSE, CHANNEL = "Kehu-Purpose", "Kehu-Channel"
TO_SERVE: Final = "service"
HEADERS: Final[list[dict[str, Any]]] = [
    {
        "name": PURPOSE,
        "in": "header",
        "required": False,
        "description": "What the data is read for: only people who may be used for it are in the answer. "
        "A token that names no purpose reads for `service`.",
        "schema": {"type": "string", "maxLength": 40, "pattern": "^[-a-z0-9_]*$"},
        "example": "marketing",
    },
    {
        "name": CHANNEL,
        "in": "header",
        "required": False,
        "description": "The channel it is read for.",
        "schema": {"type": "string", "enum": ["", *CHANNELS]},
    },
]


def let_out(request: HttpRequest, answer: BaseModel, customer_id: UUID | None) -> BaseModel:
    """The answer without those who may not be used for the caller's purpose. Raises ConsentMissing for a single one."""
    purpose, channel = _asked(request)
    if not purpose:
        return answer
    if customer_id is not None:
        _refuse_unless_allowed(purpose, channel, customer_id)
    items = getattr(answer, "items", None)
    if isinstance(items, list) and any(isinstance(item, CustomerBrief | CustomerOut) for item in items):
        answers = gate.allowed_of(purpose, channel, [item.id for item in items])
        return answer.model_copy(update={"items": [item for item in items if answers[item.id].allowed]})
    return answer


def _asked(request: HttpRequest) -> tuple[str, str]:
    purpose, channel = request.headers.get(PURPOSE, ""), request.headers.get(CHANNEL, "")
    if channel and channel not in CHANNELS:
        raise InvalidInput(CHANNEL, f"one of: {', '.join(CHANNELS)}.")
    if purpose and gate.rules_of(purpose) is None:
        raise InvalidInput(PURPOSE, "no such purpose is entered.")
    return purpose or (TO_SERVE if actor_of(request).via == "token" else ""), channel


def _refuse_unless_allowed(purpose: str, channel: str, customer_id: UUID) -> None:
    answer = gate.may(purpose, channel, customer_id=customer_id)
    if not answer.allowed:
        raise ConsentMissing(purpose, channel, answer)


def _is_read(customer_id: UUID, purpose: str, channel: str) -> bool:
    try:
        _refuse_unless_allowed(purpose, channel, customer_id)
    except ConsentMissing:
        return False
    return True


EXIT: Final = Exit("api.customers", ExitKind.READ, _is_read)
