"""What importing says no to."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class ImportRunning(DomainError):
    code: ClassVar[str] = "import_running"

    def __init__(self, import_id: int) -> None:
        super().__init__(import_id)
        self.import_id = import_id

    def __str__(self) -> str:
        return _("Import %(id)s is running: wait for it, or cancel it first.") % {"id": self.import_id}


class NothingToResume(DomainError):
    code: ClassVar[str] = "nothing_to_resume"

    def __init__(self, import_id: int, state: str) -> None:
        super().__init__(import_id, state)
        self.import_id, self.state = import_id, state

    def __str__(self) -> str:
        return _("Import %(id)s is %(state)s: only a paused, cancelled or failed one can be resumed.") % {
            "id": self.import_id,
            "state": self.state,
        }


class NothingToUndo(DomainError):
    code: ClassVar[str] = "nothing_to_undo"

    def __init__(self, import_id: int, state: str) -> None:
        super().__init__(import_id, state)
        self.import_id, self.state = import_id, state

    def __str__(self) -> str:
        return _("Import %(id)s is %(state)s: only one that ran and is not running can be undone.") % {
            "id": self.import_id,
            "state": self.state,
        }
