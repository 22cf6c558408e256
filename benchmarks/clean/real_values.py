"""How right the normalisers are on real values: addresses marked by people, company names, surnames, mobile prefixes.

    python benchmarks/clean/real_values.py [--data FOLDER] [--part dev] [--json FILE]

FOLDER holds the public sets as Parquet (default: ../shared/data beside the checkout); see docs/benchmarks.md.

Addresses: the words as they stand in the text, level by level, against the words people marked (Li, Lu, Xie, Li: Neural
Chinese Address Parsing, 2019); a word counts only if every character is right. Completed: the district is taken out of
the address; of those that the township brings back, how many are the district that was written.
Companies: a short name dressed as a registered name must have the key of the short name again.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
from rich.console import Console
from rich.table import Table

from kehu.clean.addresses.reading import read_address
from kehu.clean.company_names import CompanyName
from kehu.clean.person_names import PersonName
from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.postal_addresses import PostalAddress
from kehu.clean.text_forms import tidy, to_simplified

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
LEVEL_BY_TAG: Final = {
    "prov": "province", "city": "city", "district": "district", "devZone": "zone", "town": "town",
    "community": "community", "road": "road", "roadno": "number", "subRoad": "subroad", "subroad": "subroad",
    "subRoadno": "subnumber", "subroadno": "subnumber", "poi": "estate", "subpoi": "block", "houseno": "building",
    "cellno": "unit", "floorno": "floor", "roomno": "room",
}  # fmt: skip
LEVELS: Final = tuple(dict.fromkeys(LEVEL_BY_TAG.values()))
DRESSES: Final = {
    "…有限公司": "{0}有限公司",
    "深圳市…有限公司": "深圳市{0}有限公司",
    "…（上海）有限责任公司": "{0}（上海）有限责任公司",
    "浙江…股份有限公司": "浙江{0}股份有限公司",
    "…集团有限公司北京分公司": "{0}集团有限公司北京分公司",
}
GIVEN: Final = ("伟", "明轩")


class Score(NamedTuple):
    """Of one level: words marked, share of ours that are right, share of the marked that we found."""

    marked: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def measure_addresses(path: Path) -> dict[str, Score]:
    """Level → score over all addresses of one part of the set."""
    right, ours, theirs = Counter[str](), Counter[str](), Counter[str]()
    for text, parts in _marked_addresses(path):
        marked = {(LEVEL_BY_TAG[tag], to_simplified(tidy(word))) for tag, word in parts if tag in LEVEL_BY_TAG}
        plain = to_simplified(tidy(text))
        found = {(word.kind, plain[word.start : word.end]) for word in read_address(plain)[1]}
        right.update(level for level, _ in marked & found)
        ours.update(level for level, _ in found)
        theirs.update(level for level, _ in marked)
    return {
        level: Score(theirs[level], right[level] / max(ours[level], 1), right[level] / max(theirs[level], 1))
        for level in LEVELS
    }


def measure_completion(path: Path) -> dict[str, int]:
    """Addresses with city, district and township, read again without the district: what came back."""
    told = Counter[str]()
    for _, parts in _marked_addresses(path):
        kept = [(tag, word) for tag, word in parts if tag != "redundant"]
        if not {"city", "district", "town"} <= {tag for tag, _ in kept}:
            continue
        whole = PostalAddress.parse("".join(word for _, word in kept))
        less = PostalAddress.parse("".join(word for tag, word in kept if tag != "district"))
        if whole is None or less is None or whole.region_code[4:] in ("", "00"):
            continue
        if less.region_code[4:] in ("", "00"):
            told["left open"] += 1
        elif less.region_code == whole.region_code:
            told["the one written"] += 1
        else:
            same_city = less.region_code[:4] == whole.region_code[:4]
            told["another of the same city" if same_city else "another city"] += 1
    return dict(told)


def _marked_addresses(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    for text, parts in pl.read_parquet(path).select("address", "parts_json").iter_rows():
        yield text, json.loads(parts)


def measure_companies(path: Path) -> dict[str, float]:
    """Share of the short names whose key survives each dress, and of those that share their key with another."""
    names = pl.read_parquet(path)["short_name"].to_list()
    keys = {name: key for name in names if (key := _company_key(name))}
    figures = {"read": len(keys) / len(names)}
    for label, dress in DRESSES.items():
        figures[label] = sum(_company_key(dress.format(name)) == key for name, key in keys.items()) / len(keys)
    counted = Counter(keys.values())
    figures["key shared with another name"] = sum(counted[key] > 1 for key in keys.values()) / len(keys)
    return figures


def _company_key(text: str) -> str:
    parsed = CompanyName.parse(text)
    return parsed.key if parsed else ""


def measure_surnames(path: Path) -> dict[str, float]:
    """Share of surnames split off right, each once and each as often as it occurs, before a given name of 1 and 2."""
    rows = pl.read_parquet(path).select("surname", "relative_frequency").rows()
    right = [_splits_right(surname) for surname, _ in rows]
    weight = sum(frequency for _, frequency in rows)
    return {
        "surnames": sum(right) / len(rows),
        "people": sum(f for (_, f), ok in zip(rows, right, strict=True) if ok) / weight,
    }


def _splits_right(surname: str) -> bool:
    plain = to_simplified(surname)
    names = [(given, PersonName.parse(surname + given)) for given in GIVEN]
    return all(name is not None and (name.surname, name.given) == (plain, given) for given, name in names)


def measure_prefixes(path: Path) -> dict[str, float]:
    """Share of the prefixes in use read as mobile numbers, bare and with +86."""
    prefixes = pl.read_parquet(path)["prefix7"].to_list()
    forms: dict[str, Callable[[str], str]] = {
        "bare": lambda p: p + "4826",
        "+86": lambda p: f"+86 {p[:3]} {p[3:]} 4826",
    }
    return {label: sum(_is_mobile(form(p), p) for p in prefixes) / len(prefixes) for label, form in forms.items()}


def _is_mobile(text: str, prefix: str) -> bool:
    phone = PhoneNumber.parse(text)
    return phone is not None and phone.kind == "mobile" and phone.e164 == f"+86{prefix}4826"


def main() -> int:
    """Print the tables, write the figures if asked."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--part", default="dev", help="which part of the marked addresses: dev or train")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    addresses = chosen.data / "zh_address_parsing" / f"{chosen.part}.parquet"
    scores = measure_addresses(addresses)
    table = Table(title=f"addresses marked by people ({chosen.part})")
    for heading in ("level", "marked", "precision", "recall", "F1"):
        table.add_column(heading, justify="left" if heading == "level" else "right")
    for level, score in scores.items():
        table.add_row(level, f"{score.marked:,}", *(f"{x:.3f}" for x in (score.precision, score.recall, score.f1)))
    console = Console()
    console.print(table)
    completed = measure_completion(addresses)
    console.print(f"districts brought back by the township: {completed}")
    others = {
        "companies": measure_companies(chosen.data / "cn_company_names" / "short_names.parquet"),
        "surnames": measure_surnames(chosen.data / "cn_names" / "surnames.parquet"),
        "mobile prefixes": measure_prefixes(chosen.data / "cn_mobile_prefixes" / "prefixes.parquet"),
    }
    for name, figures in others.items():
        console.print(f"{name}: " + ", ".join(f"{label} {share:.2%}" for label, share in figures.items()))
    if chosen.json:
        levels = {level: {**score._asdict(), "f1": score.f1} for level, score in scores.items()}
        chosen.json.write_text(json.dumps({"addresses": levels, "completed": completed, **others}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
