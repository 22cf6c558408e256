"""Refusals of the rooms as pages: which HTTP status a code has, and what to tell."""

import logging

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from kehu.core.errors import DomainError
from kehu.web.fragments import wants_fragment

logger = logging.getLogger(__name__)

STATUS = {
    "not_found": 404,
    "invalid_input": 422,
    "version_conflict": 409,
    "busy": 503,
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
    "rate_limited": 429,
}


def status_of(error: DomainError) -> int:
    """409 for whatever a rule refused and nobody listed."""
    return STATUS.get(error.code, 409)


def answer_refusal(request: HttpRequest, error: DomainError) -> HttpResponseBase:
    """The page (or, inside a page, the fragment) that tells what a rule refused."""
    status = status_of(error)
    titles = {404: _("There is no such page"), 403: _("This is not yours to see"), 429: _("A little slower, please")}
    context = {
        "status": status,
        "title": titles.get(status, _("That cannot be done")),
        "text": str(error),
    }
    if wants_fragment(request):
        # htmx swaps 422 and shows it where the answer was expected.
        return render(request, "components/notice.html", {**context, "level": "danger"}, status=422)
    return render(request, "web/error.html", context, status=status)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {
        "status": status,
        "title": title,
        "text": text,
        "request_id": getattr(request, "request_id", "") if status >= 500 else "",
    }
    return render(request, "web/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("The request cannot be read"), _("Go back, reload the page and try again."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = str(exception) if isinstance(exception, DomainError) else _("Your role does not include this.")
    return _page(request, 403, _("This is not yours to see"), text)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, _("There is no such page"), _("It may have moved, or the address has a slip."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Something broke on our side"), _("Nothing was lost. Try again in a moment."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("This form has gone stale"),
        _("Its page was open too long, or came from elsewhere. Go back, reload, and send it again."),
    )
