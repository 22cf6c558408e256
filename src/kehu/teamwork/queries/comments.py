"""What colleagues said about a customer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.core.ids import CustomerId
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_text
from kehu.teamwork.access import customer_among_colleagues
from kehu.teamwork.mentions import Piece, as_typed, pieces_of
from kehu.teamwork.queries.people import names_of_everybody


@dataclass(frozen=True, slots=True)
class CommentView:
    """pieces: the text as it is shown. typed: as its author would type it, "" for others'."""

    id: int
    author_id: int
    author: str
    pieces: tuple[Piece, ...]
    typed: str
    version: int
    created_at: datetime
    edited_at: datetime | None
    is_own: bool

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def comments_of(actor: Actor, customer_id: UUID, *, before: int | None = None, limit: int = 50) -> list[CommentView]:
    """Newest first. A strict actor learns of none."""
    if actor.is_strict:
        return []
    customer = customer_among_colleagues(actor, customer_id)
    rows = fetch_all(
        "SELECT c.id, c.author_id, c.text, c.version, c.created_at, c.edited_at FROM teamwork_comment c "
        "JOIN resolve_recordcustomer m USING (record_id) WHERE m.customer_id = %s AND c.id < %s "
        "ORDER BY c.id DESC LIMIT %s",
        [customer, before if before is not None else 2**63 - 1, limit],
    )
    names = names_of_everybody() if rows else {}
    return [_view(actor, names, *row) for row in rows]


def customer_of_comment(actor: Actor, comment_id: int) -> CustomerId:
    """On whom the comment hangs today. Raises NotFound when there is none, or the actor does not see the customer."""
    rows = fetch_all(
        "SELECT m.customer_id FROM teamwork_comment c JOIN resolve_recordcustomer m USING (record_id) WHERE c.id = %s",
        [comment_id],
    )
    if not rows:
        raise NotFound("comment", comment_id)
    return customer_among_colleagues(actor, rows[0][0])


def _view(
    actor: Actor,
    names: dict[int, str],
    id_: int,
    author_id: int,
    text: str,
    version: int,
    created_at: datetime,
    edited_at: datetime | None,
) -> CommentView:
    is_own = author_id == actor.user_id
    pieces = tuple(
        piece if piece.user_id else Piece(present_text(actor, piece.text)) for piece in pieces_of(text, names)
    )
    typed = as_typed(text, names) if is_own else ""
    author = names.get(author_id, "")
    return CommentView(id_, author_id, author, pieces, typed, version, created_at, edited_at, is_own)
