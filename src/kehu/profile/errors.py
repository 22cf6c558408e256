"""What the profile refuses."""

from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class SameCustomer(DomainError):
    code: ClassVar[str] = "same_customer"

    def __init__(self, customer: UUID) -> None:
        super().__init__(customer)
        self.customer = customer

    def __str__(self) -> str:
        return _("Both ids stand for customer %(customer)s: choose two different ones.") % {"customer": self.customer}


class DifferentKinds(DomainError):
    code: ClassVar[str] = "different_kinds"

    def __str__(self) -> str:
        return _("A person and an organisation are never one customer: relate them instead.")


class NotMergedThere(DomainError):
    code: ClassVar[str] = "not_merged_there"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return _("This cannot be undone: %(what)s") % {"what": self.what}


class ValueNotSaid(DomainError):
    code: ClassVar[str] = "value_not_said"

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute)
        self.attribute = attribute

    def __str__(self) -> str:
        return _("No source says this of %(attribute)s: type it as a correction first, then pin it.") % {
            "attribute": self.attribute
        }


class AlreadyBlocked(DomainError):
    code: ClassVar[str] = "already_blocked"

    def __str__(self) -> str:
        return _("This value is blocked already: it identifies nobody.")
