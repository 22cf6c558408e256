"""Whom the rows of a file speak of, before anything is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from kehu.clean.row_mapping import RowMapping, parse_mapping, read_row
from kehu.clean.values import CleanContext
from kehu.collect.imports.proposing import source_view
from kehu.collect.imports.readers import look, read_rows
from kehu.collect.imports.stored import import_by_id, source_by_id
from kehu.config import config
from kehu.core.files import file_store
from kehu.core.ids import record_id
from kehu.govern.access import Actor, require

ROWS_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class RowIdentity:
    """record: the source record the row would add or change. identifiers: (type, value) in normal form."""

    row: int
    record: UUID
    name: str
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FileIdentities:
    """rows: those that speak of somebody, among the first `rows_read`. is_whole: there are no further ones."""

    rows: tuple[RowIdentity, ...]
    rows_read: int
    is_whole: bool


def identities_of(
    import_id: int, mapping: Mapping[str, Any] | RowMapping, *, actor: Actor, limit: int = ROWS_COMPARED
) -> FileIdentities:
    """Nothing is written. Raises InvalidInput for a mapping that is not well formed."""
    require(actor, "import.run")
    imported = import_by_id(import_id)
    parsed = mapping if isinstance(mapping, RowMapping) else parse_mapping(mapping)
    source = source_view(source_by_id(imported.source_id) if imported.source_id else None)
    now = datetime.now(UTC)
    context = CleanContext(now.date(), config.blind_index_key)
    path = file_store().path(imported.file_path)
    found: list[RowIdentity] = []
    read = 0
    for row in islice(read_rows(path, look(path, parsed.file)), limit + 1):
        read += 1
        if row.code or read > limit:
            continue
        touches, _ = read_row(row.cells, parsed, source, now, f"compared:{row.number}", context)
        for touch in touches[:1]:  # the row's own record; its company is there as soon as one row names it
            if touch.record is not None:
                ref = touch.record
                name = touch.attributes["name"].v if "name" in touch.attributes else ""
                identifiers = tuple((one.type, one.value) for one in touch.identifiers)
                found.append(RowIdentity(row.number, record_id(ref.source, ref.external_id), name, identifiers))
    return FileIdentities(tuple(found), min(read, limit), read <= limit)
