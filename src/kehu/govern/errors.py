"""What the guard says no to."""

from typing import ClassVar

from django.core import exceptions
from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class NotSignedIn(DomainError):
    """Nobody is signed in, and this is not for everybody."""

    code: ClassVar[str] = "not_signed_in"

    def __str__(self) -> str:
        return _("Sign in first, or send a token: Authorization: Bearer …")


class PermissionDenied(DomainError, exceptions.PermissionDenied):
    """The actor's role does not include the action. Django answers 403 even where nothing else catches it."""

    code: ClassVar[str] = "permission_denied"

    def __init__(self, action: str, actor: str) -> None:
        super().__init__(action, actor)
        self.action, self.actor = action, actor

    def __str__(self) -> str:
        return _("%(actor)s may not do this: it needs the permission %(action)s. Ask an administrator.") % {
            "actor": self.actor,
            "action": self.action,
        }


class RateLimited(DomainError):
    """Too often: look-ups that could leak existence are counted per person."""

    code: ClassVar[str] = "rate_limited"

    def __init__(self, what: str, limit: int, per_seconds: int, retry_after_seconds: int) -> None:
        super().__init__(what, limit, per_seconds, retry_after_seconds)
        self.what, self.limit, self.per_seconds = what, limit, per_seconds
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        return _("%(what)s: at most %(limit)s in %(seconds)s s. Try again in %(retry)s s.") % {
            "what": self.what,
            "limit": self.limit,
            "seconds": self.per_seconds,
            "retry": self.retry_after_seconds,
        }


class MoreThanYourOwn(DomainError):
    """Nobody gives away a right they do not hold."""

    code: ClassVar[str] = "more_than_your_own"

    def __init__(self, rights: tuple[str, ...]) -> None:
        super().__init__(rights)
        self.rights = rights

    def __str__(self) -> str:
        return _("You cannot give rights you do not have yourself: %(rights)s.") % {"rights": ", ".join(self.rights)}


class FieldNotWritable(DomainError):
    """The field policy of the actor's role lets them see this attribute at most."""

    code: ClassVar[str] = "field_not_writable"

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute)
        self.attribute = attribute

    def __str__(self) -> str:
        return _("Your role may not change %(attribute)s.") % {"attribute": self.attribute}


class DutiesUnited(DomainError):
    """A role would hold duties that are to lie in different hands."""

    code: ClassVar[str] = "duties_united"

    def __init__(self, duties: tuple[str, ...]) -> None:
        super().__init__(duties)
        self.duties = duties

    def __str__(self) -> str:
        return _("One role may not unite these duties: %(duties)s. Give them to different people.") % {
            "duties": ", ".join(self.duties)
        }


class NotYourself(DomainError):
    """Nobody gives rights to themselves, or takes their own way in away."""

    code: ClassVar[str] = "not_yourself"

    def __str__(self) -> str:
        return _("You cannot do this to your own account: ask a colleague.")


class ReasonMissing(DomainError):
    """Some acts are only done with a reason that others can read later."""

    code: ClassVar[str] = "reason_missing"

    def __str__(self) -> str:
        return _("Say why: the reason is kept in the audit trail.")
