"""Rules tried on real messages before they are saved: the newest of the inbox, read twice, nothing written."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from kehu.clean.messages import touches_of
from kehu.clean.queries import rules_in_force
from kehu.clean.rules.applying import apply_rules
from kehu.clean.rules.compiled import CompiledRule, compile_rules
from kehu.clean.rules.rule import RuleSet
from kehu.clean.services import check_rules
from kehu.clean.touches import QUARANTINED, Rejected, Touch, Value
from kehu.clean.values import CleanContext
from kehu.collect import inbox
from kehu.collect.inbox import SHARDS, Message
from kehu.collect.source_cache import SourceCache
from kehu.config import config
from kehu.core.database import Connection, current_connection
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import present_value

MOST_MESSAGES: Final = 1000
_READ: Final = 500  # messages of a shard read at once
_BACK: Final = 6  # windows of a shard read back at most, for a source that is seldom heard
_SECONDS: Final = 5.0
_EXAMPLES: Final = 12


@dataclass(slots=True)
class RuleTrial:
    """What one rule of the tried set did. seen: touches; cost in millionths of a second per touch."""

    seen: int = 0
    changed: int = 0
    failed: int = 0
    quarantined: int = 0
    errors: int = 0
    cost_us: float = 0.0


@dataclass(frozen=True, slots=True)
class TrialExample:
    """A value as it is under the rules in force and as it would be; both as the actor may see them."""

    source: str
    record: str
    attribute: str
    before: str
    after: str


@dataclass(slots=True)
class Trial:
    """What would be different. touches_changed: touches with another value or flag; is_cut: it took too long.

    held_back and released: messages that only the tried set, or only the one in force, holds back.
    """

    messages: int = 0
    touches: int = 0
    unreadable: int = 0
    touches_changed: int = 0
    held_back: int = 0
    released: int = 0
    by_attribute: Counter[str] = field(default_factory=Counter)
    by_rule: dict[str, RuleTrial] = field(default_factory=dict)
    examples: list[TrialExample] = field(default_factory=list)
    is_cut: bool = False


def try_rules(rules: RuleSet, *, actor: Actor, messages: int = MOST_MESSAGES) -> Trial:
    """Run the set beside the one in force over the newest messages of the sources it speaks of.

    Raises RulesRefused, PermissionDenied.
    """
    require(actor, "profile.manage")
    check_rules(rules)
    connection = current_connection()
    sources = SourceCache().all(connection)
    tried, current = compile_rules(rules), compile_rules(rules_in_force(actor).rules)
    wanted = {source.id for source in sources.values() if tried.of(source.slug) or current.of(source.slug)}
    trial, until = Trial(), time.monotonic() + _SECONDS
    trial.by_rule = {rule.key: RuleTrial() for rule in rules.rules if rule.is_on}
    for message in _newest(connection, wanted, min(messages, MOST_MESSAGES)):
        if time.monotonic() > until:
            trial.is_cut = True
            break
        source = sources[message.source_id]
        context = CleanContext(message.received_at.astimezone(UTC).date(), config.blind_index_key)
        trial.messages += 1
        try:
            touches = touches_of(message, source, context)
        except (Rejected, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            trial.unreadable += 1
            continue
        trial.touches += len(touches)
        before = _run(current.of(source.slug), touches, source.slug, context)
        after = _run(tried.of(source.slug), touches, source.slug, context, trial)
        _compare(trial, actor, source.slug, before, after)
    for one in trial.by_rule.values():
        one.cost_us /= max(one.seen - 1, 1)
    return trial


def _newest(connection: Connection, sources: set[int], limit: int) -> list[Message]:
    """The newest messages of the sources, as far as a few windows of each shard hold them."""
    found: list[Message] = []
    for shard in range(SHARDS):
        until, share = inbox.last_seq(connection, shard), -(-limit // SHARDS)
        of_shard: list[Message] = []
        for _window in range(_BACK):
            if until <= 0 or len(of_shard) >= share:
                break
            after = max(until - _READ, 0)
            read = inbox.read_window(connection, shard, after, until - after, without_superseded=True)
            of_shard = [m for m in read if m.seq <= until and m.payload and m.source_id in sources] + of_shard
            until = after
        found += of_shard[-share:]
    return found


def _run(
    rules: tuple[CompiledRule, ...],
    touches: list[Touch],
    source: str,
    context: CleanContext,
    trial: Trial | None = None,
) -> list[Touch] | None:
    """The touches under the rules, None when one holds the message back; each rule timed and counted for the trial."""
    try:
        if trial is None:
            return [apply_rules(rules, touch, source, context) for touch in touches]
        return [_counted(rules, touch, source, context, trial) for touch in touches]
    except Rejected as rejected:
        if trial is not None:
            trial.by_rule[rejected.code.removeprefix(QUARANTINED)].quarantined += 1
        return None


def _counted(rules: tuple[CompiledRule, ...], touch: Touch, source: str, context: CleanContext, trial: Trial) -> Touch:
    for compiled in rules:
        counted = trial.by_rule[compiled.rule.key]
        found, began = len(touch.findings), time.perf_counter()
        counted.seen += 1
        touch = apply_rules((compiled,), touch, source, context)
        if counted.seen > 1:  # the first one warms the engine up
            counted.cost_us += (time.perf_counter() - began) * 1e6
        for finding in touch.findings[found:]:
            match finding.effect:
                case "changed":
                    counted.changed += 1
                case "error":
                    counted.errors += 1
                case _:
                    counted.failed += 1
    return touch


def _compare(trial: Trial, actor: Actor, source: str, before: list[Touch] | None, after: list[Touch] | None) -> None:
    if before is None or after is None:
        trial.held_back += after is None and before is not None
        trial.released += before is None and after is not None
        return
    for old, new in zip(before, after, strict=True):
        names = sorted(old.attributes.keys() | new.attributes.keys())
        differing = [name for name in names if old.attributes.get(name) != new.attributes.get(name)]
        trial.touches_changed += bool(differing)
        trial.by_attribute.update(differing)
        for name in differing:
            if len(trial.examples) < _EXAMPLES:
                record = new.record.external_id if new.record else ""
                values = (_shown(actor, name, touch.attributes.get(name)) for touch in (old, new))
                trial.examples.append(TrialExample(source, record, name, *values))


def _shown(actor: Actor, attribute: str, value: Value | None) -> str:
    if value is None:
        return ""
    shown = str(present_value(actor, attribute, value.v).value)
    return f"{shown} ({', '.join(value.flags)})" if value.flags else shown
