"""The table and the line of JSON that end a demo run."""

import json
from io import StringIO

import pytest
from rich.console import Console

from kehu.demo.blocking_ceiling import ceiling_recall
from kehu.demo.export_reading import read_records
from kehu.demo.figures import DemoFigures, Language, print_table
from kehu.demo.generator import CompanyFiles
from kehu.demo.partition_evaluation import PartitionQuality


def some_figures() -> DemoFigures:
    return DemoFigures(
        people=1000, seed=7, messages=12345, repeated=60, source_records=2600, organisations=12, devices=400,
        customers=1100, review_pairs=33, match=PartitionQuality(0.99, 0.75, 0.853, 0.99, 0.8, 0.885),
        exact=PartitionQuality(0.94, 0.33, 0.488, 0.98, 0.6, 0.744), ceiling_recall=0.86, mixed_customers=3,
        mixed_without_cause=1, messages_per_second=4321.5, view_p50_ms=4.25, view_p99_ms=12.5,
        quarantined={"no_id": 20, "no_key": 5}, problem_rows={"half_a_line": 4},
        links={"phone": 800, "model": 300}, seconds={"road": 12.345},
    )  # fmt: skip


def test_the_json_is_flat_and_holds_the_names_others_rely_on() -> None:
    flat = some_figures().to_json()
    assert json.loads(json.dumps(flat)) == flat
    assert {
        "match.pair_precision": 0.99,
        "match.pair_recall": 0.75,
        "match.pair_f1": 0.853,
        "match.b3_f1": 0.885,
        "match.exact_join_f1": 0.488,
        "match.f1_above_exact_join": 0.365,
        "match.share_of_ceiling": round(0.75 / 0.86, 4),
        "duplicates_removed": 1500,
        "quarantined": 25,
        "quarantined.no_id": 20,
        "links.model": 300,
        "seconds.road": 12.35,
    }.items() <= flat.items()


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("收到消息", "去除重复", "精确率")), ("en", ("Messages in", "Duplicates removed", "Precision"))],
)
def test_the_table_speaks_chinese_and_english(language: Language, words: tuple[str, ...]) -> None:
    console = Console(record=True, width=140, file=StringIO())
    print_table(some_figures(), console, language)
    text = console.export_text()
    for word in (*words, "12,345", "no_id 20 · no_key 5", "0.8530", "0.4880", "87.2%", "4.2 / 12.5 ms"):
        assert word in text


def test_the_ceiling_of_blocking_lies_between_the_exact_join_and_one(company: CompanyFiles) -> None:
    records = company.truth.records()
    person_of = {(r["source"], r["external_id"]): r["person"] for r in records.iter_rows(named=True) if r["is_scored"]}
    assert 0.6 < ceiling_recall(read_records(company.exports), person_of) < 1.0
