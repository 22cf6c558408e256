"""What was just done, told at the foot of the next page, with a way back where there is one."""

from django.contrib import messages
from django.http import HttpRequest


def tell(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    messages.success(request, text, extra_tags=undo_url)


def tell_failure(request: HttpRequest, text: str) -> None:
    messages.error(request, text)
