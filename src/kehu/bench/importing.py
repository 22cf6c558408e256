"""Rows a second from a CSV file to golden records, and whether the doubles planted in it were found."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

from django.db import connection

from kehu.bench.people import BenchPerson, bench_person
from kehu.clean.row_mapping import RecordPart, RowMapping
from kehu.collect.imports import services as imports
from kehu.collect.imports.queries import import_view
from kehu.collect.models import Source
from kehu.core import jobs
from kehu.demo.contact_points import reformat_phone
from kehu.govern.actor import SYSTEM
from kehu.leader import work_off
from kehu.resolve.warm_up import warm_up

GOAL_ROWS_PER_SECOND = 3_000
DOUBLE_SHARE = 0.05  # of the rows, for each kind of double
HEADINGS = ("编号", "姓名", "手机", "邮箱", "城市")
MAPPING = RowMapping(
    record=RecordPart(key=("编号",)),
    attributes={"姓名": "name", "手机": "phone", "邮箱": "email", "城市": "city"},
)
_CUSTOMER_OF = """
SELECT r.external_id, m.customer_id FROM resolve_sourcerecord r
JOIN resolve_recordcustomer m ON m.record_id = r.id WHERE r.source_id = %s
"""

Row = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    planted: int
    found: int


@dataclass(frozen=True, slots=True)
class ImportFigures:
    rows: int
    appended_per_second: float
    travelled_per_second: float
    doubles: tuple[Found, ...]


def measure_import(source: Source, folder: Path, rows: int) -> ImportFigures:
    """Write a file, import it as the wizard does, work until nothing waits."""
    path = folder / "bench-import.csv"
    planted = write_file(path, rows)
    warm_up()  # as a worker is that runs
    began = perf_counter()
    import_id = imports.upload(path, file_name=path.name, actor=SYSTEM, source_id=source.pk)
    jobs.run_job_here(imports.start(import_id, source_id=source.pk, mapping=MAPPING, actor=SYSTEM, reason="bench"))
    appended = perf_counter() - began
    work_off()
    travelled = perf_counter() - began
    sent = import_view(SYSTEM, import_id).rows_sent
    if sent != rows:
        raise RuntimeError(f"{sent} of {rows} rows were taken")
    return ImportFigures(rows, rows / appended, rows / travelled, _doubles_found(source, planted))


def write_file(path: Path, rows: int) -> dict[str, list[tuple[str, str]]]:
    """The file; returns kind of double → (key of the first row, key of its double)."""
    planted: dict[str, list[tuple[str, str]]] = {"exact copy": [], "e-mail and short name": [], "phone rewritten": []}
    doubles = round(rows * DOUBLE_SHARE)
    people = rows - 3 * doubles
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(people):
            writer.writerow(_row(f"R{number}", bench_person(number)))
        for kind, prefix, make in (
            ("exact copy", "C", _row),
            ("e-mail and short name", "E", _with_short_name),
            ("phone rewritten", "P", _with_other_phone),
        ):
            for number in _spread(people, doubles):
                key = f"{prefix}{number}"
                writer.writerow(make(key, bench_person(number)))
                planted[kind].append((f"R{number}", key))
    return planted


def _spread(people: int, count: int) -> Iterator[int]:
    return (number * people // count for number in range(count))


def _row(key: str, person: BenchPerson) -> Row:
    return (key, person.name, person.phone, person.email, person.city)


def _with_short_name(key: str, person: BenchPerson) -> Row:
    """The same mailbox in capitals, and a name cut to its first character after the surname; no phone."""
    return (key, person.surname + person.given[0], "", person.email.upper(), person.city)


def _with_other_phone(key: str, person: BenchPerson) -> Row:
    return (key, person.name, reformat_phone(Random(person.number), person.phone), "", "")


def _doubles_found(source: Source, planted: dict[str, list[tuple[str, str]]]) -> tuple[Found, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMER_OF, (source.pk,))
        customer_of = dict(cursor.fetchall())
    return tuple(
        Found(kind, len(pairs), sum(customer_of[first] == customer_of[double] for first, double in pairs))
        for kind, pairs in planted.items()
    )
