"""Normal forms of many values at once: the usual shapes by column expressions, the rest one by one.

A million phones are mostly plain digits, a million mailboxes mostly plain letters: what the parsers of kehu.clean say
of them is known from their shape. Each function gives exactly what the one-by-one form gives (a test compares them).
"""

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from kehu.clean.email_addresses import EmailAddress
from kehu.clean.placeholders import MAIL_LOCALS

# Below it one call per value is quicker than setting up expressions.
_FEW: Final = 500

_TEXT: Final = pl.col("text")
_FILLER: Final = "|".join(
    [digit * 8 for digit in "0123456789"]
    + [run[i : i + 8] for run in ("01234567890123456789", "98765432109876543210") for i in range(13)]
)
_MOBILE: Final = r"^1[3-9][0-9]{9}$"
# Ten digits with a trunk zero: no number of the mainland has that shape, so its bare digits are compared.
_TRUNK: Final = r"^0[3-9][0-9]{8}$"
_MAILBOX: Final = r"^[a-z0-9._+\-]{1,64}@[a-z0-9.\-]+$"
_WORDS: Final = r"^[a-z]+(?: [a-z]+)*$"


def usual_phones(values: Sequence[str], one: Callable[[str], str]) -> list[str]:
    """Forms phones are compared in; `one` reads a single number."""
    if len(values) < _FEW:
        return [one(value) for value in values]
    real = ~_TEXT.str.contains(f"(?:{_FILLER})$")
    mobile, trunk = _TEXT.str.contains(_MOBILE) & real, _TEXT.str.contains(_TRUNK) & real
    forms = pl.when(mobile).then("+86" + _TEXT).when(trunk).then(_TEXT.str.slice(1))
    return _completed(values, pl.DataFrame({"text": values}).select(forms), one)


def usual_mailboxes(values: Sequence[str], one: Callable[[str], str]) -> list[str]:
    """Forms e-mail addresses are compared in; `one` reads a single address."""
    if len(values) < _FEW:
        return [one(value) for value in values]
    halves = _TEXT.str.split_exact("@", 1).struct
    split = pl.DataFrame({"text": values}).with_columns(
        local=halves.field("field_0"), domain=halves.field("field_1"), usual=_TEXT.str.contains(_MAILBOX)
    )
    habits: dict[str, list[str]] = {"plain": [], "tags": [], "dots and tags": [], "unusual": []}
    for domain in split.filter("usual")["domain"].unique().to_list():
        habits[_habit(domain)].append(domain)
    usual = pl.col("usual") & ~pl.col("local").is_in(sorted(MAIL_LOCALS))
    box = pl.col("local").str.replace(r"^([^+]+)\+.*$", "$1")
    bare = box.str.replace_all(".", "", literal=True)
    forms = (
        pl.when(usual & pl.col("domain").is_in(habits["plain"]))
        .then(_TEXT)
        .when(usual & pl.col("domain").is_in(habits["tags"]))
        .then(box + "@" + pl.col("domain"))
        .when(usual & pl.col("domain").is_in(habits["dots and tags"]) & (bare != ""))
        .then(bare + "@gmail.com")
    )
    return _completed(values, split.select(forms), one)


def usual_words(values: Sequence[str], one: Callable[[str], str]) -> list[str]:
    """Forms of latin words, which mostly are in small letters already."""
    if len(values) < _FEW:
        return [one(value) for value in values]
    forms = pl.when(_TEXT.str.contains(_WORDS)).then(_TEXT)
    return _completed(values, pl.DataFrame({"text": values}).select(forms), one)


def _completed(values: Sequence[str], forms: pl.DataFrame, one: Callable[[str], str]) -> list[str]:
    found = forms.to_series()
    out: list[str] = found.to_list()
    for position in found.is_null().arg_true().to_list():
        out[position] = one(values[position])
    return out


def _habit(domain: str) -> str:
    """What a provider ignores of a mailbox's name, asked of the parser."""
    parsed = EmailAddress.parse(f"q.w+e@{domain}")
    if parsed is None or parsed.domain != domain:
        return "unusual"
    if parsed.match_form == "qw@gmail.com":
        return "dots and tags"
    return {f"q.w@{domain}": "tags", f"q.w+e@{domain}": "plain"}.get(parsed.match_form, "unusual")
