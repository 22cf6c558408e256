"""What a filter is refused for."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class FieldNotReadable(DomainError):
    """Filtering by a field tells what it holds, so it needs the right to read it."""

    code: ClassVar[str] = "field_not_readable"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field

    def __str__(self) -> str:
        return _(
            "You may not read %(field)s whole: it can be filtered by one exact value at most, never by parts or order."
        ) % {"field": self.field}


class FilterTooCostly(DomainError):
    code: ClassVar[str] = "filter_too_costly"

    def __str__(self) -> str:
        return _(
            "This would read too much of the base. Add a condition that few customers meet (a source, an owner, a "
            "city), or ask with “is” instead of “contains”."
        )
