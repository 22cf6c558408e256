"""Which rule chooses an attribute's golden value: previewed over the base, then changed, then followed by a job."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from kehu.collect.source_cache import SourceCache
from kehu.core import jobs
from kehu.core.database import Connection, current_connection, set_statements
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.extend.models import Attribute
from kehu.extend.queries import attribute as attribute_named
from kehu.extend.queries import forget_catalogue
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import mask
from kehu.profile.settling import refresh_now, take_the_lead
from kehu.profile.survivorship import Rule, choose, gather
from kehu.resolve.records import Attr

FOLLOW = "profile.survivorship"
MOST_LOOKED_AT: Final = 20_000
MOST_SAMPLES: Final = 12
PAGE: Final = 500
# Longer than any process keeps the catalogue: none chooses by the old rule after the job has passed.
_WHEN_ALL_KNOW: Final = timedelta(seconds=12)

_CONTESTED: Final = """
SELECT id, display_name FROM profile_customer
WHERE id > %s AND golden -> %s ? 'others' ORDER BY id LIMIT %s
"""
_SAID: Final = """
SELECT m.customer_id, r.id, r.source_id, (r.attributes -> %s)::text
FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
WHERE m.customer_id = ANY(%s) AND r.attributes ? %s
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A customer whose value would be another. Values as the actor may see them."""

    customer_id: UUID
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SurvivorshipPreview:
    """contested: customers of whom sources say different things, as far as looked at. is_whole: that was everybody."""

    contested: int
    changed: int
    samples: list[Sample]
    is_whole: bool


def preview_rule(attribute: str, rule: str, *, actor: Actor) -> SurvivorshipPreview:
    """What the rule would change, before anything is changed. Pins stay whatever the rule says."""
    require(actor, "profile.manage")
    kept, wanted = _attribute(attribute), _rule(rule)
    contested = changed = 0
    samples: list[Sample] = []
    with set_statements(current_connection()) as connection:
        trust = {source.id: source.trust for source in SourceCache().all(connection).values()}
        for names in _contested(connection, attribute):
            contested += len(names)
            for customer, before, after in _differences(connection, attribute, names, trust, Rule(kept.rule), wanted):
                changed += 1
                if len(samples) < MOST_SAMPLES:
                    shown = [str(mask(actor, attribute, value)) for value in (before, after)]
                    samples.append(Sample(customer, str(mask(actor, "name", names[customer])), *shown))
            if contested >= MOST_LOOKED_AT:
                break
    return SurvivorshipPreview(contested, changed, samples, contested < MOST_LOOKED_AT)


@transaction.atomic
def change_rule(attribute: str, rule: str, *, actor: Actor, seen: str, reason: str = "") -> int | None:
    """From now on values are chosen by this rule; a job chooses anew wherever sources differ. Returns the job's id.

    seen: the rule that was there when it was decided. Raises InvalidInput, NotFound, VersionConflict. None: no change.
    """
    require(actor, "profile.manage")
    wanted = _rule(rule)
    kept = _attribute(attribute, is_locked=True)
    if kept.rule != seen:
        raise VersionConflict("attribute", attribute, 0, 1)
    if kept.rule == wanted.value:
        return None
    audit.act_as(actor, reason)
    kept.rule = wanted.value
    kept.save(update_fields=["rule"])
    transaction.on_commit(forget_catalogue)
    key = f"{FOLLOW}:{attribute}"
    return jobs.enqueue(
        FOLLOW, {"attribute": attribute}, queueing_key=key, actor_id=actor.user_id, delay=_WHEN_ALL_KNOW
    )


@jobs.job(FOLLOW)
def follow_rule(context: jobs.JobContext) -> Mapping[str, Any]:
    """Choose anew for every customer of whom sources say different things, a page at a time."""
    forget_catalogue()
    attribute, done = str(context.payload["attribute"]), 0
    with set_statements(current_connection()) as connection:
        pages = list(_contested(connection, attribute))
    total = sum(len(page) for page in pages)
    for page in pages:
        context.checkpoint()
        with transaction.atomic():
            take_the_lead()
            refresh_now(list(page))
            done += len(page)
            context.progress(done, total)
    return {"customers": done}


def _contested(connection: Connection, attribute: str) -> Iterator[dict[UUID, str]]:
    """Customers with losers of the attribute: id → name, in pages."""
    last = UUID(int=0)
    while rows := connection.execute(_CONTESTED, (last, attribute, PAGE)).fetchall():
        yield dict(rows)
        last = rows[-1][0]


def _differences(
    connection: Connection,
    attribute: str,
    customers: Mapping[UUID, str],
    trust: Mapping[int, int],
    before: Rule,
    after: Rule,
) -> Iterator[tuple[UUID, str, str]]:
    ids = list(customers)
    pinned = {
        customer
        for (customer,) in connection.execute(
            "SELECT m.customer_id FROM profile_pin p JOIN resolve_recordcustomer m ON m.record_id = p.record_id "
            "WHERE p.attribute = %s AND m.customer_id = ANY(%s)",
            (attribute, ids),
        )
    }
    said: dict[UUID, list[tuple[UUID, int, int, dict[str, Attr]]]] = {}
    for customer, record, source, value in connection.execute(_SAID, (attribute, ids, attribute)):
        known = {attribute: msgspec.json.decode(value, type=Attr)}
        said.setdefault(customer, []).append((record, source, trust.get(source, 0), known))
    for customer, found in said.items():
        candidates = gather(found).get(attribute, [])
        old, new = choose(candidates, before), choose(candidates, after)
        if customer not in pinned and old is not None and new is not None and old.v != new.v:
            yield customer, old.v, new.v


def _attribute(name: str, *, is_locked: bool = False) -> Attribute:
    kept = Attribute.objects.select_for_update() if is_locked else Attribute.objects.all()
    found = kept.filter(name=name).first() if attribute_named(name) else None
    if found is None:
        raise NotFound("attribute", name)
    return found


def _rule(rule: str) -> Rule:
    if rule not in Attribute.Rule.values:
        raise InvalidInput("rule", _("choose one of %(rules)s.") % {"rules": ", ".join(Attribute.Rule.values)})
    return Rule(rule)
