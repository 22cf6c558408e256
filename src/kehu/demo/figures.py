"""The figures of one demo run: as a table for people, as one flat object for programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from kehu.demo.partition_evaluation import PartitionQuality

Language = Literal["zh", "en"]


@dataclass(slots=True)
class DemoFigures:
    """What the road made of the demo company. Counts are of the whole installation; shares are on 0..1.

    quarantined: reason → messages among the dead letters. problem_rows: reason → rows the import set aside.
    links: reason → links kept. exact: the join on equal identifiers, over the same records. ceiling_recall: pair recall
    of a flawless scorer on the candidate pairs that blocking finds.
    """

    people: int
    seed: int
    messages: int
    repeated: int
    source_records: int
    organisations: int
    devices: int
    customers: int
    review_pairs: int
    match: PartitionQuality
    exact: PartitionQuality
    ceiling_recall: float
    mixed_customers: int
    mixed_without_cause: int
    messages_per_second: float
    view_p50_ms: float
    view_p99_ms: float
    quarantined: Mapping[str, int] = field(default_factory=dict)
    problem_rows: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def duplicates_removed(self) -> int:
        """Person records that needed no customer of their own."""
        return self.source_records - self.customers

    @property
    def share_of_ceiling(self) -> float:
        return self.match.pair_recall / self.ceiling_recall if self.ceiling_recall else 1.0

    def to_json(self) -> dict[str, Any]:
        """One flat object; names are stable."""
        flat: dict[str, Any] = {
            "people": self.people,
            "seed": self.seed,
            "messages.in": self.messages,
            "messages.repeated": self.repeated,
            "messages.per_second": round(self.messages_per_second, 1),
            "quarantined": sum(self.quarantined.values()),
            "problem_rows": sum(self.problem_rows.values()),
            "records.people": self.source_records,
            "records.organisations": self.organisations,
            "records.devices": self.devices,
            "customers": self.customers,
            "duplicates_removed": self.duplicates_removed,
            "review_pairs": self.review_pairs,
            **_quality("match", "", self.match),
            **_quality("match", "exact_join_", self.exact),
            "match.f1_above_exact_join": round(self.match.pair_f1 - self.exact.pair_f1, 4),
            "match.blocking_ceiling_recall": round(self.ceiling_recall, 4),
            "match.share_of_ceiling": round(self.share_of_ceiling, 4),
            "match.mixed_customers": self.mixed_customers,
            "match.mixed_customers_without_cause": self.mixed_without_cause,
            "view.p50_ms": round(self.view_p50_ms, 2),
            "view.p99_ms": round(self.view_p99_ms, 2),
        }
        # match.exact_join_f1 is the name the outside knows; pair_f1 beside it keeps the series whole.
        flat["match.exact_join_f1"] = round(self.exact.pair_f1, 4)
        for prefix, counts in (
            ("quarantined", self.quarantined),
            ("problem_rows", self.problem_rows),
            ("links", self.links),
            ("seconds", self.seconds),
        ):
            flat.update({f"{prefix}.{name}": round(value, 2) for name, value in counts.items()})
        return flat


def print_table(figures: DemoFigures, console: Console, language: Language) -> None:
    """Two tables: what happened on the road, and how right the outcome is, with the model and without."""
    console.print(_road_table(figures, language))
    console.print(_quality_table(figures, language))


def _road_table(figures: DemoFigures, language: Language) -> Table:
    table = Table(title=_say("road", language), show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    table.add_row(_say("messages", language), f"{figures.messages:,}", _say("repeated", language, figures.repeated))
    table.add_row(_say("quarantined", language), f"{sum(figures.quarantined.values()):,}", _counts(figures.quarantined))
    table.add_row(
        _say("problem_rows", language), f"{sum(figures.problem_rows.values()):,}", _counts(figures.problem_rows)
    )
    others = _say("others", language, figures.organisations, figures.devices)
    table.add_row(_say("records", language), f"{figures.source_records:,}", others)
    table.add_row(_say("customers", language), f"{figures.customers:,}", _say("people", language, figures.people))
    table.add_row(_say("duplicates", language), f"{figures.duplicates_removed:,}", "")
    table.add_row(_say("links", language), f"{sum(figures.links.values()):,}", _counts(figures.links))
    table.add_row(_say("review", language), f"{figures.review_pairs:,}", "")
    mixed = _say("without_cause", language, figures.mixed_without_cause)
    table.add_row(_say("mixed", language), f"{figures.mixed_customers:,}", mixed)
    table.add_row(_say("rate", language), f"{figures.messages_per_second:,.0f}", "")
    table.add_row(_say("view", language), f"{figures.view_p50_ms:.1f} / {figures.view_p99_ms:.1f} ms", "p50 / p99")
    return table


def _quality_table(figures: DemoFigures, language: Language) -> Table:
    table = Table(title=_say("quality", language), title_justify="left")
    table.add_column("")
    for name in ("precision", "recall", "f1"):
        table.add_column(_say(name, language), justify="right")
    for label, quality in (("with_model", figures.match), ("without_model", figures.exact)):
        pairs = (quality.pair_precision, quality.pair_recall, quality.pair_f1)
        b3 = (quality.b3_precision, quality.b3_recall, quality.b3_f1)
        table.add_row(f"{_say('pairs', language)} · {_say(label, language)}", *(f"{v:.4f}" for v in pairs))
        table.add_row(f"B³ · {_say(label, language)}", *(f"{v:.4f}" for v in b3))
    reached = f"{figures.share_of_ceiling:.1%}"
    table.add_row(_say("ceiling", language), "", f"{figures.ceiling_recall:.4f}", reached)
    return table


def _quality(room: str, prefix: str, quality: PartitionQuality) -> dict[str, float]:
    return {
        f"{room}.{prefix}{name}": round(getattr(quality, name), 4)
        for name in ("pair_precision", "pair_recall", "pair_f1", "b3_precision", "b3_recall", "b3_f1")
    }


def _counts(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return " · ".join(f"{name} {count:,}" for name, count in ordered)


def _say(name: str, language: Language, *values: int) -> str:
    return _WORDS[name][language == "en"].format(*(f"{value:,}" for value in values))


# name → (zh, en)
_WORDS: dict[str, tuple[str, str]] = {
    "road": ("数据之路", "The road"),
    "messages": ("收到消息", "Messages in"),
    "repeated": ("另有重复发送 {}，已丢弃", "{} more were sent again and dropped"),
    "quarantined": ("隔离消息", "Quarantined"),
    "problem_rows": ("导入问题行", "Problem rows of imports"),
    "records": ("来源记录（个人）", "Source records (people)"),
    "others": ("另有组织 {} · 设备 {}", "and organisations {} · devices {}"),
    "customers": ("客户（个人）", "Customers (people)"),
    "people": ("真实人数 {}", "{} real people"),
    "duplicates": ("去除重复", "Duplicates removed"),
    "links": ("关联（按原因）", "Links by reason"),
    "review": ("待审核对", "Review pairs"),
    "mixed": ("混合两人以上的客户", "Customers mixing more than two people"),
    "without_cause": ("其中无已知原因 {}", "{} of them without a listed cause"),
    "rate": ("每秒消息", "Messages per second"),
    "view": ("客户视图耗时", "Customer view"),
    "quality": ("与真相对比", "Against the truth"),
    "precision": ("精确率", "Precision"),
    "recall": ("召回率", "Recall"),
    "f1": ("F1", "F1"),
    "pairs": ("成对", "Pairs"),
    "with_model": ("含概率匹配", "with the probabilistic step"),
    "without_model": ("仅精确标识", "without (exact identifiers)"),
    "ceiling": ("分块召回上限 · 已达", "Ceiling set by blocking · reached"),
}
