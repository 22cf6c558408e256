"""What the privacy desk says no to."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class OnHold(DomainError):
    """A legal hold stands against the erasure."""

    code: ClassVar[str] = "on_hold"

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return _(
            "The data is held and cannot be erased: %(reasons)s. Release the hold first, or refuse the request."
        ) % {"reasons": "; ".join(self.reasons)}


class NotIdentified(DomainError):
    """Nothing is handed out or erased before it is clear who asks."""

    code: ClassVar[str] = "not_identified"

    def __str__(self) -> str:
        return _("Check first who asks, and note how.")


class WrongState(DomainError):
    """The request is not at this step."""

    code: ClassVar[str] = "wrong_state"

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state

    def __str__(self) -> str:
        return _("The request is %(state)s: this is not its next step. Load the page again.") % {"state": self.state}


class StepsOpen(DomainError):
    """A request is done when every store and every system has answered."""

    code: ClassVar[str] = "steps_open"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names

    def __str__(self) -> str:
        return _("Still open: %(names)s.") % {"names": ", ".join(self.names)}


class NotYet(DomainError):
    """A store is in use and cannot be emptied this moment; the run comes back to it."""

    code: ClassVar[str] = "not_yet"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why
