"""Rows of a list as a file for a spreadsheet: CSV or XLSX, no cell of which a spreadsheet would run. Pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Full-width signs as well: a spreadsheet in a Chinese or Japanese locale takes them for the others.
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠", "|", "%")
XLSX_ROWS: Final = 1_048_575
Cell = str | int | float | Decimal | datetime | None


def write_list(path: Path, format: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]], zone: tzinfo) -> int:
    """Write heading and rows; returns how many rows. Moments in the zone of the reader."""
    write = _write_csv if format == "csv" else _write_xlsx
    counter = _Counter(rows)
    write(path, heading, iter(counter), zone)
    return counter.count


def neutralise(text: str) -> str:
    """A text that a spreadsheet would take for a formula gets a leading quote, which the import takes off again."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


class _Counter:
    def __init__(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self._rows:
            self.count += 1
            yield row


def _write_csv(path: Path, heading: Sequence[str], rows: Iterable[Sequence[Cell]], zone: tzinfo) -> None:
    """With a byte order mark, by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutralise(text) for text in heading])
        for row in rows:
            writer.writerow([_text(value, zone) for value in row])


def _text(value: Cell, zone: tzinfo) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        case str():
            return neutralise(value)
        case Decimal():
            return f"{value:.2f}"
        case _:
            return str(value)


def _write_xlsx(path: Path, heading: Sequence[str], rows: Iterable[Sequence[Cell]], zone: tzinfo) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 1)
        bold = book.add_format({"bold": True})
        moment, money = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"num_format": "#,##0.00"})
        for place, text in enumerate(heading):
            sheet.write_string(0, place, text, bold)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write_cell(sheet, number, place, value, zone, moment, money)


def _write_cell(sheet: Any, row: int, place: int, value: Cell, zone: tzinfo, moment: Any, money: Any) -> None:
    match value:
        case None | "":
            return
        case datetime():
            sheet.write_datetime(row, place, value.astimezone(zone).replace(tzinfo=None), moment)
        case Decimal():
            sheet.write_number(row, place, float(value), money)
        case int() | float():
            sheet.write_number(row, place, value)
        case _:
            # As text it is never run; the quote keeps it so when somebody saves the sheet as CSV.
            sheet.write_string(row, place, neutralise(str(value))[:32_000])
