"""Refusals of the rooms as problem+json (RFC 9457): which HTTP status a code has, said once."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db.utils import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field

from kehu.core.errors import Busy, DomainError
from kehu.govern.errors import RateLimited

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"

STATUS = {
    "not_found": 404,
    "invalid_input": 422,
    "reason_missing": 422,
    "not_signed_in": 401,
    "permission_denied": 403,
    "more_than_your_own": 403,
    "not_yourself": 403,
    "not_your_comment": 403,
    "field_not_writable": 403,
    "field_not_readable": 403,
    "filter_too_costly": 422,
    "export_gone": 410,
    "export_held": 409,
    "version_conflict": 409,
    "idempotency_conflict": 409,
    "file_refused": 422,
    "file_too_large": 413,
    "rate_limited": 429,
    "busy": 503,
}
"""409 for whatever a rule refused and nobody listed."""

TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not this method",
    409: "That cannot be done now",
    410: "Not kept any more",
    413: "Too large",
    415: "Not this kind of content",
    422: "A value cannot be taken as it is",
    429: "Too often",
    500: "Something broke on our side",
    503: "Come back later",
}


class FieldProblem(BaseModel):
    field: str = Field(examples=["attributes.phone"])
    code: str = Field(examples=["string_type"])
    message: str


class Problem(BaseModel):
    """An error, in the format of RFC 9457. `code` is stable; `detail` is for people."""

    type: str = Field(examples=["urn:kehu:problem:version_conflict"])
    title: str
    status: int = Field(examples=[409])
    detail: str
    code: str = Field(examples=["version_conflict"])
    request_id: str
    errors: list[FieldProblem] = []


def problem(
    request: HttpRequest, status: int, code: str, detail: str, errors: list[FieldProblem] | None = None
) -> HttpResponse:
    body = Problem(
        type=f"urn:kehu:problem:{code}",
        title=TITLES.get(status, "Refused"),
        status=status,
        detail=detail,
        code=code,
        request_id=getattr(request, "request_id", ""),
        errors=errors or [],
    )
    response = HttpResponse(body.model_dump_json(), content_type=CONTENT_TYPE, status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="kehu"'
    return response


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer to a rule that said no."""
    response = problem(request, STATUS.get(error.code, 409), error.code, str(error))
    if isinstance(error, RateLimited | Busy):
        response["Retry-After"] = str(error.retry_after_seconds)
    return response


def install(api: NinjaAPI) -> None:
    """Teach the API every kind of error, down to the last resort that tells nothing but an id."""

    def on(kind: type[Exception], handler: Callable[[HttpRequest, Any], HttpResponse]) -> None:
        api.add_exception_handler(kind, handler)

    on(DomainError, refusal)
    on(ValidationError, _invalid)
    on(HttpError, _http_error)
    on(Http404, lambda request, error: problem(request, 404, "not_found", "Not here."))
    on(
        RequestDataTooBig,
        lambda request, error: problem(request, 413, "too_large", "The body is larger than this takes."),
    )
    # What the schema let through and the database could not hold: a number beyond its column, say.
    on(
        DataError,
        lambda request, error: problem(request, 422, "invalid_input", "A value is beyond what can be stored."),
    )
    # Two callers at once, where the second finds what the first just made (or just removed).
    on(
        IntegrityError,
        lambda request, error: problem(request, 409, "conflict", "Something else changed it just now: look again."),
    )
    on(Exception, _last_resort)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        FieldProblem(
            field=".".join(str(part) for part in _path_of(one)),
            code=str(one.get("type", "invalid")),
            message=str(one.get("msg", "")),
        )
        for one in error.errors[:50]
    ]
    detail = "; ".join(f"{one.field}: {one.message}" for one in errors[:3])
    return problem(request, 422, "invalid_input", detail, errors)


def _path_of(one: dict[str, Any]) -> tuple[Any, ...]:
    """Where the value is, as the caller sees it: without the names of our parameters."""
    location = tuple(one.get("loc", ()))
    return location[2:] if location[:1] == ("body",) and len(location) > 2 else location[1:] or location


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    codes = {400: "malformed", 401: "not_signed_in", 403: "permission_denied", 413: "too_large"}
    return problem(request, error.status_code, codes.get(error.status_code, "refused"), str(error))


def _last_resort(request: HttpRequest, error: Exception) -> HttpResponse:
    request_id = getattr(request, "request_id", "")
    logger.exception("API call failed", extra={"request_id": request_id})
    return problem(request, 500, "internal_error", f"It is logged as {request_id}.")
