"""How an operation of the API is declared: address, permission, answer; the rest is the same for all.

    @reads(router, "/sources", needs="source.view", answers=SourcePage)
    def list_sources(request: HttpRequest, cursor: str = "") -> SourcePage: ...

    @acts(router, "post", "/sources", needs="source.manage", answers=SourceOut, status=201)
    def create_source(request: HttpRequest, body: NewSource) -> SourceOut: ...

An operation that acts takes an Idempotency-Key: its answer is kept in the transaction of its effect.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel

from kehu.api import letting_out
from kehu.api.authentication import BrowserSession, Token
from kehu.api.errors import Problem
from kehu.api.letting_out import let_out
from kehu.core import idempotency
from kehu.govern.access import Actor

View = TypeVar("View", bound=Callable[..., Any])
REFUSALS = (400, 401, 403, 404, 409, 413, 422, 429, 503)
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of your own, at most 255 characters. The same key with the same request does nothing "
    "a second time and gives the first answer again; with another request it is refused (409).",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"},
    "example": "order-4711-created",
}


def reads(
    router: Router, path: str, *, needs: str, answers: type[BaseModel], summary: str = ""
) -> Callable[[View], View]:
    """An operation that only looks."""

    def decorate(view: View) -> View:
        @wraps(view)
        def operation(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            asked = kwargs.get("customer_id") or kwargs.get("organisation_id")
            answer = let_out(request, view(request, *args, **kwargs), asked)
            return _answer(request, 200, answer)

        extra = {"parameters": letting_out.HEADERS} if needs == "customer.view" else {}
        _declare(router, "GET", path, operation, needs, {200: answers}, summary, extra)
        return view

    return decorate


def acts(
    router: Router,
    method: str,
    path: str,
    *,
    needs: str,
    answers: type[BaseModel],
    status: int = 200,
    summary: str = "",
    is_one_transaction: bool = True,
) -> Callable[[View], View]:
    """An operation that changes something, once per Idempotency-Key.

    is_one_transaction False: work that commits in parts by itself; such an operation takes no Idempotency-Key.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def operation(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            key = request.headers.get("Idempotency-Key")
            if not is_one_transaction:
                return _answer(request, status, view(request, *args, **kwargs))
            if key is None:
                with transaction.atomic():
                    return _answer(request, status, view(request, *args, **kwargs))
            answer = idempotency.once(
                holder=_holder(request.actor),  # type: ignore[attr-defined]
                key=key,
                request_hash=_hash_of(request),
                effect=lambda: idempotency.Answer(status, _body(view(request, *args, **kwargs))),
            )
            response = _respond(request, answer.status, answer.body)
            if answer.is_repeated:
                response["Idempotent-Replayed"] = "true"
            return response

        extra = {"parameters": [IDEMPOTENCY_KEY]} if is_one_transaction else {}
        _declare(router, method.upper(), path, operation, needs, {status: answers}, summary, extra)
        return view

    return decorate


def _declare(
    router: Router,
    method: str,
    path: str,
    operation: Callable[..., Any],
    needs: str,
    answers: dict[int, type[BaseModel]],
    summary: str,
    extra: dict[str, Any],
) -> None:
    router.add_api_operation(
        path,
        [method],
        operation,
        auth=[Token(needs), BrowserSession(needs)],
        response={**answers, **dict.fromkeys(REFUSALS, Problem)},
        operation_id=operation.__name__,
        url_name=operation.__name__,
        summary=summary or None,
        description=_description(operation, needs),
        openapi_extra=extra,
    )


def _description(operation: Callable[..., Any], needs: str) -> str:
    return f"{(operation.__doc__ or '').strip()}\n\nPermission: `{needs}`.".strip()


def _answer(request: HttpRequest, status: int, payload: BaseModel) -> HttpResponse:
    return _respond(request, status, _body(payload))


def _body(payload: BaseModel) -> bytes:
    return payload.model_dump_json().encode()


def _respond(request: HttpRequest, status: int, body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type="application/json", status=status)
    response["Cache-Control"] = "private, no-store"
    if used := getattr(request, "calls_used", None):
        response["RateLimit-Limit"] = str(used.limit.at_most)
        response["RateLimit-Remaining"] = str(used.remaining)
        response["RateLimit-Reset"] = str(used.reset_seconds)
    return response


def _holder(actor: Actor) -> str:
    """Whose key it is: two people may happen on the same one."""
    return f"token {actor.token_id}" if actor.token_id is not None else f"user {actor.user_id}"


def _hash_of(request: HttpRequest) -> bytes:
    """What makes two requests the same: method, address and body (files by their content)."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\0".encode())
    if request.content_type == "multipart/form-data":
        for name, value in sorted(request.POST.items()):
            digest.update(f"{name}={value}\0".encode())
        for name, file in sorted(request.FILES.items()):
            digest.update(f"{name}:{cast('Any', file).name}\0".encode())
            for chunk in cast("Any", file).chunks():
                digest.update(chunk)
            cast("Any", file).seek(0)
    else:
        digest.update(request.body)
    return digest.digest()
