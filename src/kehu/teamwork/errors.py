"""What the room refuses."""

from typing import ClassVar

from django.utils.translation import gettext as _

from kehu.core.errors import DomainError


class NotYourComment(DomainError):
    """Comments are changed and deleted by who wrote them."""

    code: ClassVar[str] = "not_your_comment"

    def __init__(self, comment_id: int) -> None:
        super().__init__(comment_id)
        self.comment_id = comment_id

    def __str__(self) -> str:
        return _("This comment is somebody else's: only its author can change or delete it.")


class NotForPartners(DomainError):
    """Comments and followers are among colleagues; who sees only their own department's records is not in it."""

    code: ClassVar[str] = "permission_denied"

    def __str__(self) -> str:
        return _("Comments and followers are among the company's own people.")
