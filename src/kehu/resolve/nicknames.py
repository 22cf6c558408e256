"""English nicknames: which given names may be short for the same one (bill, will and william)."""

import csv
from functools import cache
from importlib.resources import files


@cache
def _names_by_form() -> dict[str, tuple[int, ...]]:
    """Every name or nickname → the numbers of the full names it can stand for.

    Source: the nickname table of Carlton Northern (github.com/carltonnorthern/nicknames), Apache-2.0.
    """
    text = files("kehu.resolve").joinpath("data/en_nicknames.csv").read_text(encoding="utf-8")
    number: dict[str, int] = {}
    found: dict[str, set[int]] = {}
    for row in csv.DictReader(text.splitlines()):
        own = number.setdefault(row["name"], len(number))
        found.setdefault(row["name"], set()).add(own)
        found.setdefault(row["nickname"], set()).add(own)
    return {form: tuple(sorted(numbers)) for form, numbers in found.items()}


def full_name_numbers(given_name: str) -> tuple[int, ...]:
    """Numbers of the full names a lower-case given name can stand for; two names are kin if they share one."""
    return _names_by_form().get(given_name, ())
