"""What collecting says no to."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class SourceNameTaken(DomainError):
    """There is a source of that slug already: slugs name records for good, so they are never reused."""

    code: ClassVar[str] = "source_name_taken"

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug

    def __str__(self) -> str:
        return _("There is a source %(slug)s already: choose another short name.") % {"slug": self.slug}


class NotOpen(DomainError):
    """The dead letter was replayed or discarded by somebody else."""

    code: ClassVar[str] = "dead_letter_not_open"

    def __init__(self, dead_letter_id: int, state: str) -> None:
        super().__init__(dead_letter_id, state)
        self.dead_letter_id, self.state = dead_letter_id, state

    def __str__(self) -> str:
        return _("Dead letter %(id)s is %(state)s already: nothing was changed.") % {
            "id": self.dead_letter_id,
            "state": self.state,
        }
