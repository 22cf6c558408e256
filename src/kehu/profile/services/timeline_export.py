"""What leaves by way of a timeline: the whole of it as a file, and the recordings and attachments it speaks of."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput
from kehu.core.registries import Exit, ExitKind
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.consent import gate
from kehu.govern.consent.errors import ConsentMissing
from kehu.profile.list_files import FORMATS, Cell, write_list
from kehu.profile.queries.lookup import current_customer
from kehu.profile.queries.timeline import FileLink, TimelineAsked, TimelineRow, timeline_file, timeline_rows

MOST_ROWS: Final = 20_000
TO_SERVE: Final = "service"
Tell = Callable[[Iterable[TimelineRow]], Iterable[Sequence[Cell]]]


class TimelineFile(NamedTuple):
    content: BinaryIO
    name: str
    content_type: str
    rows: int


@transaction.atomic
def export_timeline(
    customer_id: UUID,
    asked: TimelineAsked,
    *,
    format: str,
    purpose: str,
    heading: Sequence[str],
    tell: Tell,
    actor: Actor,
    reason: str = "",
) -> TimelineFile:
    """A file of what is asked for, the newest first. tell: from rows as the actor may see them to cells.

    Raises InvalidInput, NotFound, PermissionDenied, and ConsentMissing for a customer who may not be used for it.
    """
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.export", on=(customer,))
    if format not in FORMATS:
        raise InvalidInput("format", f"{format[:20]!r} is none of {', '.join(FORMATS)}")
    if gate.rules_of(purpose) is None:
        raise InvalidInput("purpose", _("no such purpose is entered."))
    _let_out(customer, purpose)
    with tempfile.TemporaryDirectory(prefix="kehu-timeline-") as folder:
        path = Path(folder) / "timeline"
        cells = tell(timeline_rows(actor, customer, asked, MOST_ROWS))
        count = write_list(path, format, heading, cells, timezone.get_current_timezone())
        content = path.open("rb")  # stays readable when its folder is gone
    audit.act_as(actor, reason)
    audit.note(
        actor=actor,
        action="timeline.exported",
        on=str(customer),
        details={"rows": count, "format": format, "purpose": purpose, "reason": reason},
    )
    name = f"timeline-{timezone.localtime():%Y%m%d-%H%M}.{format}"
    return TimelineFile(content, name, FORMATS[format], count)


@transaction.atomic
def open_file(row_id: UUID, number: int, *, actor: Actor) -> FileLink:
    """A recording or an attachment of a row the actor sees; that it was opened is written down. Raises NotFound."""
    customer, file = timeline_file(actor, row_id, number)
    require(actor, "customer.view", on=(customer,))
    audit.note(
        actor=actor,
        action="timeline.file_opened",
        on=str(customer),
        details={"event": str(row_id), "kind": file.kind, "host": file.host},
    )
    return file


def _let_out(customer: UUID, purpose: str) -> None:
    answer = gate.may(purpose, "", customer_id=customer)
    if not answer.allowed:
        raise ConsentMissing(purpose, "", answer)


def _is_let_out(customer: UUID, purpose: str, channel: str) -> bool:
    try:
        _let_out(customer, purpose)
    except ConsentMissing:
        return False
    return True


EXIT: Final = Exit("customers.timeline", ExitKind.EXPORT, _is_let_out, routes=("web:timeline_export",))
