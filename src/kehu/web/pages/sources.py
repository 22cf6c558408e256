"""The sources: are they well, what came in, how to connect one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.collect import queries as collect
from kehu.collect.models import DeadLetter, Source
from kehu.collect.problem_texts import problem_label
from kehu.collect.source_kinds import SOURCE_KINDS
from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.govern.access import Actor
from kehu.profile.queries.lists import Count
from kehu.resolve.models import SourceRecord
from kehu.web import live
from kehu.web.components import Action, Empty, Figure
from kehu.web.counts import count_in_words
from kehu.web.pages.quality import SourceQuality, source_quality
from kehu.web.wording import format_ago, format_count, format_span

ICONS = {
    "web": "world", "app": "device-mobile", "segment": "code", "server": "code", "wechat": "brand-wechat",
    "shop": "shopping-cart", "market": "shopping-bag", "till": "building-store", "call": "headset",
    "crm": "address-book", "erp": "building", "mail": "mail", "file": "file-spreadsheet", "api": "plug",
    "native": "keyboard",
}  # fmt: skip
COUNTED_AT_MOST = 20_000
_RECORDS_BY_STATISTICS = """
SELECT common.source_id, (common.share * t.reltuples)::bigint
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = t.relname AND s.attname = 'source_id',
    unnest(s.most_common_vals::text::int[], s.most_common_freqs) AS common(source_id, share)
WHERE t.oid = 'live.resolve_sourcerecord'::regclass AND t.reltuples > 0
"""
PUSHING = frozenset({"web", "app", "segment", "server", "wechat", "shop", "api"})


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in a list. state: live, late, quiet or off. messages: of the last 24 hours."""

    id: int
    name: str
    kind: str
    icon: str
    url: str
    state: str
    state_text: str
    messages: int
    records: str
    dead_letters: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    sources: list[SourceLine]
    count_text: str
    actions: list[Action]
    empty: Empty


@dataclass(frozen=True, slots=True)
class ReasonLine:
    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class SourcePage:
    name: str
    kind: str
    figures: list[Figure]
    actions: list[Action]
    settings: list[tuple[str, str]]
    mapping: list[tuple[str, str]]
    dead_letters: list[ReasonLine] = field(default_factory=list)
    write_key: str = ""
    address: str = ""
    snippet: str = ""
    quality: SourceQuality | None = None


def sources_page(actor: Actor) -> SourcesPage:
    lines = source_lines(actor)
    new = Action(_("New source"), reverse("web:source_new"), "plus", is_main=True, key="c")
    can_add = actor.can("source.manage")
    return SourcesPage(
        sources=lines,
        count_text=format_count(len(lines)) if lines else "",
        actions=[new] if can_add and lines else [],
        empty=Empty(
            "plug-connected",
            _("No source yet"),
            _("A source is one channel or system: a website, a shop, a till, a CRM."),
            new if can_add else None,
        ),
    )


def source_lines(actor: Actor) -> list[SourceLine]:
    """Every source with what came in and how far behind it is; four queries, three of them kept a moment."""
    behind = live.lags()
    counts: dict[int, int] = defaultdict(int)
    newest: dict[int, datetime] = {}
    for hour in live.inflow():
        counts[hour.source_id] += hour.messages
        newest[hour.source_id] = max(hour.newest_at, newest.get(hour.source_id, hour.newest_at))
    records, letters = live.keep("records", records_by_source, 15.0), live.keep("letters", _letters_by_source)
    return [
        SourceLine(
            source.pk,
            source.name,
            str(SOURCE_KINDS[source.kind].label) if source.kind in SOURCE_KINDS else source.kind,
            ICONS.get(source.kind, "database"),
            reverse("web:source", args=[source.pk]),
            *_state(source, behind.get(source.pk), newest.get(source.pk)),
            counts[source.pk],
            count_in_words(records.get(source.pk, Count(0))) or "0",
            letters.get(source.pk, 0),
            newest.get(source.pk),
        )
        for source in collect.sources(actor)
    ]


def _state(source: Source, lag: collect.Lag | None, newest_at: datetime | None) -> tuple[str, str]:
    if not source.is_enabled:
        return "off", _("switched off")
    if lag is not None:
        span = format_span(lag.lag_for.total_seconds())
        waiting = format_count(lag.waiting) if lag.is_exact else f"{format_count(lag.waiting)}+"
        text = _("%(span)s behind · %(n)s waiting") % {"span": span, "n": waiting}
        return ("late" if lag.is_late else "live"), text
    if newest_at is None:
        return "quiet", _("quiet for 24 h")
    return "live", _("up to date")


def records_by_source() -> dict[int, Count]:
    """Large sources as the database's statistics know them, the others counted by the index: never the whole table."""
    known: dict[int, int] = dict(fetch_all(_RECORDS_BY_STATISTICS))
    return {
        source_id: Count(known[source_id], is_exact=False)
        if known.get(source_id, 0) > COUNTED_AT_MOST
        else _count_records(source_id)
        for source_id in live.source_names()
    }


def all_records(counts: Iterable[Count]) -> Count:
    found = list(counts)
    return Count(sum(one.number for one in found), all(one.is_exact for one in found))


def _count_records(source_id: int) -> Count:
    number = SourceRecord.objects.filter(source_id=source_id)[: COUNTED_AT_MOST + 1].count()
    return Count(min(number, COUNTED_AT_MOST), number <= COUNTED_AT_MOST, number > COUNTED_AT_MOST)


def _letters_by_source() -> dict[int, int]:
    return dict(DeadLetter.objects.filter(state="open").values_list("source_id").annotate(models.Count("id")))


def source_page(actor: Actor, source_id: int, request: HttpRequest) -> SourcePage:
    """Raises NotFound."""
    line = next((line for line in source_lines(actor) if line.id == source_id), None)
    if line is None:
        raise NotFound("source", source_id)
    source = Source.objects.select_related("department").get(pk=source_id)
    may_manage = actor.can("source.manage")
    address = request.build_absolute_uri("/v1/track")
    return SourcePage(
        name=source.name,
        kind=line.kind,
        figures=[
            Figure(_("State"), line.state_text, "warn" if line.state == "late" else ""),
            Figure(_("Messages, 24 h"), format_count(line.messages)),
            Figure(_("Source records"), line.records),
            Figure(_("Dead letters"), format_count(line.dead_letters), "warn" if line.dead_letters else ""),
            Figure(_("Last message"), format_ago(line.last_at) if line.last_at else "—"),
        ],
        actions=[
            Action(_("History"), reverse("web:row_history", args=["source", source.pk]), "history"),
            *(_actions(source) if may_manage else []),
        ],
        settings=_settings(source),
        mapping=[(theirs, str(ours)) for theirs, ours in sorted(source.mapping.items())],
        dead_letters=_reasons(actor, source) if actor.can("dead_letter.view") else [],
        write_key=source.write_key if may_manage and source.kind in PUSHING else "",
        address=address,
        snippet=_snippet(address, source.write_key),
        quality=source_quality(actor, source_id),
    )


def _actions(source: Source) -> list[Action]:
    edit = Action(_("Change"), reverse("web:source_edit", args=[source.pk]), "edit", key="e")
    if source.kind in PUSHING:
        renew = Action(_("Renew the key"), reverse("web:source_renew_key", args=[source.pk]), "key", is_post=True)
        return [edit, renew]
    return [edit]


def _settings(source: Source) -> list[tuple[str, str]]:
    return [
        (_("Short name"), source.slug),
        (_("Trust rank"), str(source.trust_rank)),
        (_("May assert strong identifiers"), _("yes") if source.is_trusted else _("no")),
        (_("Time zone"), source.time_zone),
        (_("Order numbers of"), source.order_namespace or source.slug),
        (_("Guarantees unique"), ", ".join(source.unique_types) or "—"),
        (_("Department"), str(source.department) if source.department else _("whole company")),
    ]


def _reasons(actor: Actor, source: Source) -> list[ReasonLine]:
    counts: dict[str, int] = defaultdict(int)
    for letter in collect.dead_letters(actor, limit=500):
        if letter.source_id == source.pk:
            counts[letter.reason] += 1
    page = reverse("web:dead_letters")
    return [ReasonLine(problem_label(reason), n, f"{page}?reason={reason}") for reason, n in sorted(counts.items())]


def _snippet(address: str, write_key: str) -> str:
    return (
        f"curl -u {write_key}: {address} \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        '  -d \'{"userId": "u-1001", "event": "Product Viewed",\n'
        '       "properties": {"name": "儿童安全座椅 Pro", "price": 1299}}\''
    )


def late_text(lines: list[SourceLine]) -> str:
    late = [line.name for line in lines if line.state == "late"]
    if not late:
        return _("All sources are well.")
    return ngettext("%(names)s is late.", "%(names)s are late.", len(late)) % {"names": ", ".join(late)}
