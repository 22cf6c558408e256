"""What the room refuses."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class CursorExpired(DomainError):
    """The feed no longer reaches back to where the caller stopped."""

    code: ClassVar[str] = "cursor_expired"

    def __init__(self, kept_days: int) -> None:
        super().__init__(kept_days)
        self.kept_days = kept_days

    def __str__(self) -> str:
        return _(
            "Changes are kept for %(days)d days and this cursor is older: read the customers anew, then start the feed "
            "without a cursor."
        ) % {"days": self.kept_days}
