"""The rules in force, and what a window of touches did under them: one read now and then, two statements a window."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Protocol
from uuid import UUID

from kehu.clean.rules.applying import apply_rules
from kehu.clean.rules.compiled import CompiledRules
from kehu.clean.rules.rule import read_rules
from kehu.clean.touches import QUARANTINED, Finding, Rejected, Touch
from kehu.clean.values import CleanContext
from kehu.core.database import Connection

logger = logging.getLogger(__name__)
KEPT_SECONDS = 5.0
_CURRENT = "SELECT version, rules::text FROM clean_rulesetversion ORDER BY version DESC LIMIT 1"
_COUNT = """
INSERT INTO clean_ruleeffect AS e (day, rule, source_id, seen, changed, failed, quarantined, errors)
SELECT (now() AT TIME ZONE 'UTC')::date, rule, source_id, seen, changed, failed, quarantined, errors
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
     AS n(rule, source_id, seen, changed, failed, quarantined, errors)
ON CONFLICT (day, rule, source_id) DO UPDATE SET
    seen = e.seen + excluded.seen, changed = e.changed + excluded.changed, failed = e.failed + excluded.failed,
    quarantined = e.quarantined + excluded.quarantined, errors = e.errors + excluded.errors
"""
_FIND = """
INSERT INTO clean_rulefinding AS f (record_id, rule, attribute, source_id, effect, was, version, shard, seq, at)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::int[], %s::smallint[],
                     %s::bigint[], %s::timestamptz[])
ON CONFLICT (record_id, rule, attribute) DO UPDATE SET
    source_id = excluded.source_id, effect = excluded.effect, was = excluded.was, version = excluded.version,
    shard = excluded.shard, seq = excluded.seq, at = excluded.at
WHERE (excluded.at, excluded.shard, excluded.seq) >= (f.at, f.shard, f.seq)
"""
_COLUMN = {"changed": "changed", "error": "errors"}  # every other effect is a failed check


class RuledSource(Protocol):
    """What the rules need of a source."""

    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...


class RuledTouch(Protocol):
    """A touch and where it came from; record: the id of the record it speaks of."""

    @property
    def touch(self) -> Touch: ...
    @property
    def source(self) -> RuledSource: ...
    @property
    def shard(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def record(self) -> UUID | None: ...


@lru_cache(maxsize=4)  # by the text: a version number says nothing about another database's rules
def _compiled(version: int, text: str) -> CompiledRules:
    compiled = CompiledRules(read_rules(text), version)
    for problem in compiled.problems:
        logger.error("cleaning rule left out", extra={"rule": problem.rule, "code": problem.code})
    return compiled


class RuleBook:
    """The rules in force, read anew every few seconds. Without rules it costs that look and nothing else."""

    def __init__(self, ttl_seconds: float = KEPT_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_seconds, self._clock = ttl_seconds, clock
        self._read_at = float("-inf")
        self._rules: CompiledRules | None = None

    def open_window(self, connection: Connection) -> "RuleWindow":
        """The rules for one window of messages: they do not change under its feet."""
        if self._clock() - self._read_at > self._ttl_seconds:
            asked_at = self._clock()
            row = connection.execute(_CURRENT).fetchone()
            rules = _compiled(int(row[0]), str(row[1])) if row else None
            self._rules = None if rules is None or rules.is_empty else rules
            self._read_at = asked_at
        return RuleWindow(self._rules)


class _Key(NamedTuple):
    record_id: UUID
    rule: str
    attribute: str


class _Found(NamedTuple):
    at: datetime
    shard: int
    seq: int
    source_id: int
    finding: Finding


class RuleWindow:
    """One window under the rules: `apply` for every message, `write` once at its end."""

    def __init__(self, rules: CompiledRules | None) -> None:
        self._rules = rules
        self._held_back: Counter[tuple[str, int]] = Counter()

    def apply(self, touches: list[Touch], source: RuledSource, context: CleanContext) -> list[Touch]:
        """The touches as the rules leave them. Raises Rejected for a message that a rule holds back."""
        rules = self._rules.of(source.slug) if self._rules else ()
        if not rules:
            return touches
        try:
            return [apply_rules(rules, touch, source.slug, context) for touch in touches]
        except Rejected as rejected:
            self._held_back[rejected.code.removeprefix(QUARANTINED), source.id] += 1
            raise

    def write(self, connection: Connection, touches: Sequence[RuledTouch], *, is_replay: bool = False) -> None:
        """Keep what was found, and count it. A replay finds anew, but what happened is counted once."""
        if self._rules is None:
            return
        self._keep(connection, touches)
        if not is_replay:
            self._count(connection, touches)

    def _keep(self, connection: Connection, touches: Iterable[RuledTouch]) -> None:
        latest: dict[_Key, _Found] = {}
        for placed in touches:
            if placed.record is None:
                continue
            for finding in placed.touch.findings:
                key = _Key(placed.record, finding.rule, finding.attribute)
                found = _Found(placed.touch.occurred_at, placed.shard, placed.seq, placed.source.id, finding)
                if key not in latest or found[:3] >= latest[key][:3]:
                    latest[key] = found
        if not latest:
            return
        assert self._rules is not None
        rows = sorted(latest.items(), key=lambda row: row[0])
        connection.execute(
            _FIND,
            (
                [key.record_id for key, _ in rows],
                [key.rule for key, _ in rows],
                [key.attribute for key, _ in rows],
                [found.source_id for _, found in rows],
                [found.finding.effect for _, found in rows],
                [found.finding.was for _, found in rows],
                [self._rules.version] * len(rows),
                [found.shard for _, found in rows],
                [found.seq for _, found in rows],
                [found.at for _, found in rows],
            ),
        )

    def _count(self, connection: Connection, touches: Iterable[RuledTouch]) -> None:
        assert self._rules is not None
        seen: Counter[int] = Counter()
        slugs: dict[int, str] = {}
        counts: dict[tuple[str, int], Counter[str]] = {}
        for placed in touches:
            source = placed.source
            seen[source.id] += 1
            slugs[source.id] = source.slug
            for finding in placed.touch.findings:
                struck = counts.setdefault((finding.rule, source.id), Counter())
                struck[_COLUMN.get(finding.effect, "failed")] += 1
        for (rule, source_id), held in self._held_back.items():
            counts.setdefault((rule, source_id), Counter())["quarantined"] += held
        for source_id, touched in seen.items():
            for compiled in self._rules.of(slugs[source_id]):
                counts.setdefault((compiled.rule.key, source_id), Counter())["seen"] += touched
        rows = sorted(counts.items())
        if rows:
            names = ("seen", "changed", "failed", "quarantined", "errors")
            figures = [[count[name] for _, count in rows] for name in names]
            connection.execute(_COUNT, ([rule for (rule, _), _ in rows], [source for (_, source), _ in rows], *figures))
