"""What a person is handed: everything held of them as JSON, as CSV per table, and as a summary to read and print."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kehu.core.registries import Subject, subject_stores

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\x00")
# Columns that say how Kehu finds and files things, and nothing of the person.
_INNER: Final = frozenset({"match_keys", "first_shard", "first_seq", "hangs_by", "tokens", "sort_key", "token", "rank"})
_INNER_TABLES: Final = frozenset(
    {"profile_customertoken", "profile_searchrow", "profile_customerscope", "profile_messagesubject",
     "resolve_matchkey", "resolve_link", "resolve_reviewpair", "resolve_resettle", "resolve_ledgerentry"}
)  # fmt: skip
SCHEMA: Final = "https://kehu.example/schemas/subject-copy/1"


@dataclass(frozen=True, slots=True)
class Summary:
    """The first page, to read and to print. counts: (what, how many); records: (what, value) of each."""

    title: str
    name: str
    language: str
    preface: str
    counts_title: str
    counts: list[tuple[str, str]]
    records_title: str
    records: list[list[tuple[str, str]]]


_paper: list[Callable[[Mapping[str, Any]], bytes]] = []


def use_paper(set_summary: Callable[[Mapping[str, Any]], bytes]) -> None:
    """Who turns a summary into a PDF: a room above says so when it is ready."""
    _paper[:] = [set_summary]


def collect(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """Table → rows, from every registered store, without what only serves to find them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for store in subject_stores():
        for part in store.copy(subject):
            if part["table"] not in _INNER_TABLES:
                found[part["table"]] = [
                    {key: value for key, value in row.items() if key not in _INNER} for row in part["rows"]
                ]
    return dict(sorted(found.items()))


def pack(subject: Subject, *, made_at: datetime, name: str, is_portable: bool) -> bytes:
    """A zip. is_portable: only what the person gave or caused, in open formats, to be carried elsewhere."""
    tables = collect(subject)
    if is_portable:
        tables = {table: rows for table, rows in tables.items() if table in PORTABLE}
    body = {"schema": SCHEMA, "made_at": made_at.isoformat(), "tables": tables}
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(body, ensure_ascii=False, indent=2))
        for table, rows in tables.items():
            archive.writestr(f"csv/{table}.csv", "\ufeff" + "".join(_csv(rows)))
        archive.writestr("summary.pdf", _paper[0](asdict(_summary(tables, name, made_at))))
    return output.getvalue()


def digest_of(package: bytes) -> str:
    return hashlib.sha256(package).hexdigest()


PORTABLE: Final = frozenset(
    {"resolve_sourcerecord", "profile_event", "profile_order", "profile_orderline", "profile_payment",
     "profile_consent", "consent_word", "messages"}
)  # fmt: skip


def _csv(rows: list[dict[str, Any]]) -> Iterator[str]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    yield line.getvalue()


def _cell(value: Any) -> str:
    """Text a spreadsheet will not run."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _summary(tables: dict[str, list[dict[str, Any]]], name: str, made_at: datetime) -> Summary:
    records = [
        [
            (key, str(said.get("v", "") if isinstance(said, dict) else said))
            for key, said in row.get("attributes", {}).items()
        ]
        for row in tables.get("resolve_sourcerecord", [])
    ]
    preface = _(
        "Everything we hold of you, as of %(at)s (UTC). The same is in data.json, and as tables in the folder csv."
    ) % {"at": f"{made_at:%Y-%m-%d %H:%M}"}
    return Summary(
        _("Your data"),
        name,
        (get_language() or "zh")[:2],
        preface,
        _("What there is"),
        [(str(table_label(table)), str(len(rows))) for table, rows in tables.items()],
        _("What each source says of you"),
        records,
    )


def table_label(table: str) -> str:
    labels = {
        "resolve_sourcerecord": _("What each source says of you"),
        "resolve_recordcustomer": _("Which records are held to be you"),
        "resolve_binding": _("Phones, addresses and numbers you are known by"),
        "profile_customer": _("The record made of them"),
        "profile_event": _("What happened"),
        "profile_order": _("Orders"),
        "profile_orderreport": _("Orders as each source reports them"),
        "profile_orderline": _("What was ordered"),
        "profile_payment": _("Payments"),
        "profile_consent": _("Consents as sources report them"),
        "consent_word": _("What you told us of being contacted"),
        "consent_mark": _("How your data may be used"),
        "profile_relation": _("Whom you are related to"),
        "profile_pin": _("Values set by our staff"),
        "profile_assignment": _("Who looks after you"),
        "messages": _("Messages as they came in"),
    }
    return labels.get(table, table)
