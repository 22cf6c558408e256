"""The exports read back as plain records, by the manifest alone: what a matcher without a database would be given.

The baseline and the blocking ceiling stand on it. It shares no code with the writers, and never opens the truth.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import python_calamine

from kehu.clean.email_addresses import EmailAddress
from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.row_mapping import IdentifierColumn, KeyColumn, RowMapping
from kehu.demo.manifest import SourceManifest, read_manifest

TRAITS = {"name": "name", "email": "email", "phone": "phone", "birthday": "birth_date", "gender": "gender"}
Row = dict[str, Any]


def read_records(exports: Path) -> list[dict[str, str]]:
    """One dict per person record: source, external_id and the canonical attributes, later rows over earlier ones."""
    records: dict[tuple[str, str], dict[str, str]] = {}
    for manifest in read_manifest(exports).sources:
        for key, attributes in _rows_of(manifest, exports):
            record = records.setdefault((manifest.slug, key), {"source": manifest.slug, "external_id": key})
            record.update({name: value for name, value in attributes.items() if value})
    return list(records.values())


def read_rows(manifest: SourceManifest, exports: Path) -> Iterator[Row]:
    """Rows as dicts, objects inside objects as `outer.inner`; half lines are passed over."""
    path = exports / manifest.file
    if manifest.format == "csv":
        wanted = manifest.mapping.file.encoding if manifest.mapping and manifest.mapping.file else ""
        with path.open(encoding=wanted or "utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    elif manifest.format == "xlsx":
        headings, *rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        for row in rows:
            yield dict(zip(map(str, headings), row, strict=True))
    else:
        decode = msgspec.json.Decoder().decode
        for line in path.read_bytes().splitlines():
            try:
                yield _flat(decode(line))
            except msgspec.DecodeError:
                continue


def _rows_of(manifest: SourceManifest, exports: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if manifest.mapping is None:
        yield from _accounts(exports / manifest.file)
        return
    for row in read_rows(manifest, exports):
        key = _key(row, manifest.mapping)
        if key:
            yield key, _values(row, manifest.mapping)


def _accounts(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Logged-in users with their traits. Browsers are left out: a cookie is no record of a person."""
    decode = msgspec.json.Decoder().decode
    for line in path.read_bytes().splitlines():
        message = decode(line)
        if message["type"] == "identify" and message["userId"]:
            traits = message["traits"]
            known = {name: _text(traits.get(trait)) for trait, name in TRAITS.items()}
            yield f"user:{message['userId']}", known


def _key(row: Row, mapping: RowMapping) -> str:
    """The external id; a phone or an address that is none cannot be a key."""
    assert mapping.record is not None
    for entry in mapping.record.key:
        column = entry if isinstance(entry, KeyColumn) else KeyColumn(entry)
        text = _text(row.get(column.column))
        meaning = mapping.attributes.get(column.column)
        if meaning == "phone" and PhoneNumber.parse(text) is None:
            continue
        if meaning == "email" and EmailAddress.parse(text) is None:
            continue
        if text:
            return f"{mapping.record.prefix}{column.prefix}{text}"
    return ""


def _values(row: Row, mapping: RowMapping) -> dict[str, str]:
    values = {attribute: _text(row.get(column)) for column, attribute in mapping.attributes.items()}
    for column, identifier in mapping.identifiers.items():
        kind = identifier.type if isinstance(identifier, IdentifierColumn) else identifier
        values[kind] = _text(row.get(column))
    return values


def _flat(row: Row) -> Row:
    flat = dict(row)
    for name, value in row.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": v for inner, v in value.items()})
    return flat


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
