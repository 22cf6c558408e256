"""What consent says no to."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError
from kehu.govern.consent.decision import Answer
from kehu.govern.consent.wording import reason_label


class ConsentMissing(DomainError):
    """The gate is closed: nothing goes out. Not an error of the caller's code, but of asking."""

    code: ClassVar[str] = "consent_missing"

    def __init__(self, purpose: str, channel: str, answer: Answer) -> None:
        super().__init__(purpose, channel, answer)
        self.purpose, self.channel, self.answer = purpose, channel, answer

    def __str__(self) -> str:
        return _("Not for the purpose %(purpose)s: %(reason)s.") % {
            "purpose": self.purpose,
            "reason": reason_label(self.answer.reason),
        }
