"""Where a table begins and whether it has headings: pure, on the first rows of a file."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

# The usual ones first: of two that fit equally well the earlier is taken.
DELIMITERS: Final = ",;\t|^~\x01\x1f，；、"
ROWS_LOOKED_AT: Final = 50
_DATA: Final = re.compile(
    r"""\s*(?:
        [-+(]?[\d\s().,¥￥$-]*\d{5,}[\d\s().,*-]*     # a number, a phone, a masked phone
      | [-+¥￥$]?\d+(?:[.,]\d+)?%?                      # an amount
      | [^@\s]+@[^@\s]+\.[^@\s]+                        # an e-mail
      | \d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*             # a date
      | \d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*
      | true | false | null
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_HEADING: Final = 60


def find_delimiter(text: str) -> str:
    """The one that cuts the first lines into the same number of cells, more than one; a comma if none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if row]
        except csv.Error:
            continue
        rows = rows[: max(1, len(rows) - 1)][:ROWS_LOOKED_AT]  # the last line may be cut in half
        width, times = Counter(len(row) for row in rows).most_common(1)[0] if rows else (0, 0)
        if width > 1 and (score := (round(times / len(rows), 1), width)) > best_score:
            best, best_score = delimiter, score
    return best


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """The index of the row of headings, or -1 - index of the first row of data when there are none.

    Titles above the table (one filled cell over many columns) are passed over.
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    # Weighted by width: three title lines of one cell each do not make a table of one column.
    weights = {count: times * count for count, times in Counter(filled).items()}
    usual = max(weights, key=lambda count: (weights[count], count), default=0)
    enough = max(1, min(2, usual), round(0.6 * usual))
    first = next((index for index, count in enumerate(filled) if count >= enough), 0)
    return first if first < len(rows) and _are_headings(rows[first]) else -1 - first


def _are_headings(cells: Sequence[str]) -> bool:
    texts = [text for cell in cells if (text := cell.strip())]
    if not texts or any(_DATA.fullmatch(text) or len(text) > _LONGEST_HEADING for text in texts):
        return False
    return len(set(texts)) >= 0.5 * len(texts)
