"""Reading from strangers: what PostgreSQL or a later reader would choke on is refused at the door."""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser

from kehu.core.strict_json import BadJson, decode_object


class CarefulParser(Parser):
    """Ninja's door to the strict decoder: every body of this API is one object."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return decode_object(request.body)
        except BadJson as error:
            raise HttpError(400, str(error)) from error


def is_clean_text(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
