"""A list of customers as a file: written by a job under the field policy, fetched within a day, told in the audit."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kehu.collect.models import Source
from kehu.config import config
from kehu.core import jobs
from kehu.core.errors import DomainError, InvalidInput, NotFound
from kehu.core.files import FolderStore, chunks_of
from kehu.core.registries import Exit, ExitKind
from kehu.govern import audit
from kehu.govern import queries as govern
from kehu.govern.access import Actor, actor_for_user, require
from kehu.govern.consent import gate
from kehu.govern.models import User
from kehu.profile.filters.tree import filter_from, plain_values
from kehu.profile.list_files import FORMATS, XLSX_ROWS, Cell, write_list
from kehu.profile.models import Export
from kehu.profile.queries.columns import Column, Names, check_columns, chosen_columns
from kehu.profile.queries.lists import ListAsked, count_look_ups, ids_of, lines_of
from kehu.profile.queries.sorts import sort_named
from kehu.profile.queries.worked_out import worked_out

KIND: Final = "profile.export"
KEPT_FOR: Final = timedelta(hours=24)
PIECE: Final = 500
GATE_PIECE: Final = 5_000
TO_SERVE: Final = "service"
MOST_OPEN: Final = 5
MOST_CHOSEN: Final = 1_000


class ExportGone(DomainError):
    code = "export_gone"

    def __str__(self) -> str:
        return _("This file is not kept any more: exports stay for a day. Make it again.")


class ExportHeld(DomainError):
    code = "export_held"

    def __init__(self, release: str) -> None:
        super().__init__(release)
        self.release = release

    def __str__(self) -> str:
        if self.release == Export.Release.REFUSED:
            return _("A second person did not let this file go.")
        return _("This file is large: it is handed out when a second person has let it go.")


class ExportFile(NamedTuple):
    path: Path
    name: str
    content_type: str


@transaction.atomic
def start_export(
    asked: ListAsked,
    *,
    format: str,
    columns: tuple[str, ...],
    actor: Actor,
    reason: str = "",
    language: str = "",
    purpose: str = TO_SERVE,
    chosen: Sequence[UUID] | None = None,
) -> int:
    """Queue a file of the list, or of those chosen on it; returns the export's id.

    purpose: people who may not be used for it are left out.
    """
    require(actor, "customer.export")
    if actor.user_id is None:
        raise InvalidInput("actor", _("a file belongs to a person."))
    if format not in FORMATS:
        raise InvalidInput("format", f"{format[:20]!r} is none of {', '.join(FORMATS)}")
    if gate.rules_of(purpose) is None:
        raise InvalidInput("purpose", _("no such purpose is entered."))
    if chosen is not None and not 0 < len(chosen) <= MOST_CHOSEN:
        raise InvalidInput("customers", _("choose from 1 to %(n)d customers.") % {"n": MOST_CHOSEN})
    check_columns(columns)
    sort_named(actor, asked.sort)
    count_look_ups(actor, asked.filter)
    waiting = Export.objects.filter(actor_id=actor.user_id, rows=None, job__state__in=("queued", "running"))
    if waiting.count() >= MOST_OPEN:
        raise InvalidInput("export", _("%(n)d of your files are still being made: wait for one.") % {"n": MOST_OPEN})
    audit.act_as(actor, reason)
    export = Export.objects.create(
        format=format,
        filter=plain_values(asked.filter),
        query=asked.text[:200],
        sort=asked.sort,
        chosen=list(chosen) if chosen is not None else None,
        columns=list(columns),
        purpose=purpose,
        actor_id=actor.user_id,
        reason=reason[:300],
        language=language or translation.get_language() or "en",
        expires_at=timezone.now() + KEPT_FOR,
    )
    export.job_id = jobs.enqueue(KIND, {"export": export.pk}, actor_id=actor.user_id)
    export.save(update_fields=["job_id"])
    return export.pk


def export_of(actor: Actor, export_id: int) -> Export:
    """One's own only: a file is made under its maker's rights."""
    require(actor, "customer.export")
    export = Export.objects.filter(pk=export_id, actor_id=actor.user_id).first()
    if export is None or actor.user_id is None:
        raise NotFound("export", export_id)
    return export


def fetch_export(export_id: int, *, actor: Actor) -> ExportFile:
    """The file, for its maker, while it is kept; every download is in the audit trail."""
    export = export_of(actor, export_id)
    if not export.file_key or export.expires_at is None or export.expires_at <= timezone.now():
        raise ExportGone
    if export.release in (Export.Release.WAITING, Export.Release.REFUSED):
        raise ExportHeld(export.release)
    audit.note(actor=actor, action="export.downloaded", on=str(export.pk), details={"rows": export.rows})
    name = f"customers-{timezone.localtime(export.created_at):%Y%m%d-%H%M}.{export.format}"
    try:
        return ExportFile(export_store().path(export.file_key), name, FORMATS[export.format])
    except FileNotFoundError as error:
        raise ExportGone from error


def run_export(context: jobs.JobContext) -> dict[str, Any]:
    """Job: page after page under the maker's rights of now. Starts again from the top when it was interrupted."""
    export = Export.objects.get(pk=context.payload["export"])
    user = User.objects.filter(pk=export.actor_id or 0).first()
    if user is None:
        raise NotFound("user", export.actor_id)
    actor = actor_for_user(user, via="job")
    require(actor, "customer.export")
    with translation.override(export.language), tempfile.TemporaryDirectory(prefix="kehu-export-") as folder:
        columns = chosen_columns(export.columns)
        path = Path(folder) / "list"
        heading = [_("Customer"), *(str(column.label) for column in columns)]
        rows = _rows(export, actor, columns, context)
        count = write_list(path, export.format, heading, rows, timezone.get_current_timezone())
        with path.open("rb") as file:
            stored = export_store().put(chunks_of(file))
    with transaction.atomic():
        audit.act_as(actor)
        release = Export.Release.WAITING if count > config.export_alone_rows else Export.Release.FREE
        Export.objects.filter(pk=export.pk).update(rows=count, file_key=stored.key, size=stored.size, release=release)
        audit.note(actor=actor, action="export.made", on=str(export.pk), details={"rows": count})
        context.progress(count, count)
    return {"rows": count}


def delete_expired() -> int:
    """Remove the files of exports that are over; what was exported and by whom stays in the trail."""
    gone = 0
    for export in Export.objects.filter(expires_at__lt=timezone.now()).exclude(file_key="")[:200]:
        key = export.file_key
        Export.objects.filter(pk=export.pk).update(file_key="", filter={}, query="", chosen=None)
        # Two exports of the same rows share their bytes.
        if not Export.objects.filter(file_key=key).exists():
            try:
                export_store().delete(key)
            except FileNotFoundError:
                continue
        gone += 1
    return gone


def files_left() -> bool:
    return Export.objects.exclude(file_key="").exists()


def export_store() -> FolderStore:
    """A folder of its own: an import of the same bytes keeps its file when the export's goes."""
    return FolderStore(Path(settings.MEDIA_ROOT) / "exports")


def _rows(export: Export, actor: Actor, columns: list[Column], context: jobs.JobContext) -> Iterator[list[Cell]]:
    names = Names(dict(Source.objects.values_list("pk", "name")), govern.names_of_users(_people()))
    asked = ListAsked(export.query, filter_from(export.filter), export.sort)
    wanted = export.chosen if export.chosen is not None else ids_of(actor, asked)
    ids = let_out(wanted, export.purpose)[: XLSX_ROWS if export.format == "xlsx" else None]
    for start in range(0, len(ids), PIECE):
        context.checkpoint()
        piece = ids[start : start + PIECE]
        names = replace(names, worked_out=worked_out(actor, piece, [column.name for column in columns]))
        for line in lines_of(actor, piece):
            yield [line.name, *(column.value(line, names) for column in columns)]
        context.progress(min(start + PIECE, len(ids)), len(ids))


def let_out(customers: Sequence[UUID], purpose: str) -> list[UUID]:
    """Those of the customers who may be used for the purpose: the gate of every file."""
    allowed: list[UUID] = []
    for start in range(0, len(customers), GATE_PIECE):
        piece = customers[start : start + GATE_PIECE]
        answers = gate.allowed_of(purpose, "", piece)
        allowed += [customer for customer in piece if answers[customer].allowed]
    return allowed


EXIT: Final = Exit(
    "customers.export",
    ExitKind.EXPORT,
    lambda customer, purpose, channel: bool(let_out([customer], purpose)),
    routes=(
        "web:customers_export",
        "web:customers_export_file",
        "api:start_export",
        "api:get_export",
        "api:fetch_export",
    ),
)


def _people() -> list[int]:
    return list(User.objects.values_list("pk", flat=True))
