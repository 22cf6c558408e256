"""One act on many customers: looked at before, done by a job, undone as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kehu.core import jobs
from kehu.core.errors import DomainError, InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, actor_for_user, require, visible_to
from kehu.govern.models import User
from kehu.profile.filters.guard import estimate, within
from kehu.profile.filters.tree import plain_values
from kehu.profile.models import BulkAct, BulkActRow, Customer
from kehu.profile.queries.lists import (
    LONG_WORK_MS,
    CustomerLine,
    ListAsked,
    condition_for,
    count_look_ups,
    ids_of,
    lines_in_order,
)
from kehu.profile.services.bulk_kinds import BulkKind, Change, Target, kind_named
from kehu.profile.settling import take_the_lead
from kehu.profile.sql import FALSE, Sql, all_of, sql
from kehu.resolve.models import LedgerEntry, RecordCustomer

MOST: Final = 100_000
RUN, UNDO = "profile.bulk", "profile.bulk_undo"
State = BulkActRow.State


@dataclass(frozen=True, slots=True)
class Selection:
    """Everybody of a list, or the customers ticked on it."""

    asked: ListAsked = field(default_factory=ListAsked)
    ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """total: how many customers; sample: the first of them as the actor may see them."""

    total: int
    sample: list[CustomerLine]
    parameters: dict[str, Any]


def preview_bulk(act: str, parameters: Mapping[str, Any], selection: Selection, *, actor: Actor) -> BulkPreview:
    """What an act would be done to. Raises what starting it would raise."""
    kind = kind_named(act)
    require(actor, kind.permission)
    checked = kind.check(parameters, actor)
    chosen = _chosen(actor, selection, MOST + 1)
    rows = within(LONG_WORK_MS, lambda: _ids(chosen))
    _refuse_too_many(len(rows))
    return BulkPreview(len(rows), lines_in_order(actor, rows[:5]), checked)


@transaction.atomic
def start_bulk(act: str, parameters: Mapping[str, Any], selection: Selection, *, actor: Actor, reason: str = "") -> int:
    """Write down who is meant and queue the job; returns the id of the act."""
    kind = kind_named(act)
    require(actor, kind.permission)
    audit.act_as(actor, reason)
    count_look_ups(actor, selection.asked.filter)
    bulk = BulkAct.objects.create(
        act=act,
        parameters=kind.check(parameters, actor),
        selection=_told(selection),
        reason=reason,
        actor_id=actor.user_id,
        total=0,
    )
    chosen = _chosen(actor, selection, MOST + 1)
    insert = sql(
        "INSERT INTO profile_bulkactrow (bulk_id, record_id, state) SELECT {}, l.record_id, 'waiting' "
        "FROM ({}) chosen JOIN resolve_ledgerentry l ON l.customer_id = chosen.id ORDER BY l.born_no",
        bulk.pk,
        chosen,
    )
    total = within(LONG_WORK_MS, lambda: _execute(insert))
    _refuse_too_many(total)
    if not total:
        raise InvalidInput("selection", _("nobody is chosen."))
    job = jobs.enqueue(RUN, {"bulk": bulk.pk}, queueing_key=f"{RUN} {bulk.pk}", actor_id=actor.user_id)
    BulkAct.objects.filter(pk=bulk.pk).update(total=total, job_id=job)
    return bulk.pk


@transaction.atomic
def undo_bulk(bulk_id: int, *, actor: Actor, reason: str = "") -> int:
    """Queue the undoing of what the act did; returns the job's id. What changed since stays as it is."""
    bulk = bulk_of(actor, bulk_id)
    require(actor, kind_named(bulk.act).permission)
    if bulk.job_id is not None and not jobs.view(bulk.job_id).is_over:
        raise InvalidInput("bulk", _("it is still being done: cancel it first."))
    audit.act_as(actor, reason)
    job = jobs.enqueue(UNDO, {"bulk": bulk.pk}, queueing_key=f"{UNDO} {bulk.pk}", actor_id=actor.user_id)
    BulkAct.objects.filter(pk=bulk.pk).update(undo_job_id=job)
    return job


@transaction.atomic
def cancel_bulk(bulk_id: int, *, actor: Actor, reason: str = "") -> bool:
    """Ask the act, or its undoing, to stop after the customers it is at; False when it is over. What is done stays
    done until somebody undoes it."""
    bulk = bulk_of(actor, bulk_id)
    require(actor, kind_named(bulk.act).permission)
    audit.act_as(actor, reason)
    job = bulk.undo_job_id or bulk.job_id
    return job is not None and jobs.cancel(job)


def bulk_of(actor: Actor, bulk_id: int) -> BulkAct:
    """One's own acts; with the right to manage profiles everybody's."""
    found = BulkAct.objects.filter(pk=bulk_id)
    if not actor.can("profile.manage"):
        found = found.filter(actor_id=actor.user_id)
    bulk = found.first()
    if bulk is None or not actor.is_signed_in:
        raise NotFound("bulk act", bulk_id)
    return bulk


def run_bulk(context: jobs.JobContext) -> dict[str, int]:
    """Job: one piece after the other, each with its place in one transaction; whoever is out of sight is skipped."""
    bulk = BulkAct.objects.get(pk=context.payload["bulk"])
    kind, actor = kind_named(bulk.act), _acting(context)
    while True:
        context.checkpoint()
        with transaction.atomic():
            take_the_lead()
            rows = list(bulk.rows.filter(state=State.WAITING).order_by("id")[: kind.piece])
            if not rows:
                break
            audit.act_as(actor, bulk.reason)
            _apply(kind, bulk, rows, actor)
            done = bulk.total - bulk.rows.filter(state=State.WAITING).count()
            context.progress(done, bulk.total)
    return counts_of(bulk)


def run_undo(context: jobs.JobContext) -> dict[str, int]:
    """Job: put back what is still as the act left it."""
    bulk = BulkAct.objects.get(pk=context.payload["bulk"])
    kind, actor = kind_named(bulk.act), _acting(context)
    total = bulk.rows.filter(state__in=(State.DONE, State.UNDONE, State.CHANGED_SINCE)).count()
    while True:
        context.checkpoint()
        with transaction.atomic():
            take_the_lead()
            rows = list(bulk.rows.filter(state=State.DONE).order_by("id")[: kind.piece])
            if not rows:
                break
            audit.act_as(actor, bulk.reason)
            _take_back(kind, bulk, rows, actor)
            context.progress(total - bulk.rows.filter(state=State.DONE).count(), total)
    return counts_of(bulk)


def _apply(kind: BulkKind, bulk: BulkAct, rows: list[BulkActRow], actor: Actor) -> None:
    targets = _targets(rows)
    seen = visible_to(actor).filter(Customer.objects.filter(pk__in=[one.customer for one in targets.values()]))
    visible = set(seen.values_list("pk", flat=True))
    require(actor, kind.permission)
    allowed = {row_id: one for row_id, one in targets.items() if one.customer in visible}
    # Two rows may have become one customer since: it is done once.
    once = {target.record: target for target in allowed.values()}
    changes = kind.apply(list(once.values()), bulk.parameters, actor)
    for row in rows:
        target = allowed.get(row.pk)
        change = changes.get(target.record) if target else None
        row.state = State.DONE if change else State.SKIPPED
        if target and change:
            row.record_id, row.before, row.after = target.record, change.before, change.after
    BulkActRow.objects.bulk_update(rows, ["state", "record_id", "before", "after"])


def _take_back(kind: BulkKind, bulk: BulkAct, rows: list[BulkActRow], actor: Actor) -> None:
    targets = _targets(rows, keep_record=True)
    put_back = kind.revert(
        {targets[row.pk]: Change(row.before, row.after) for row in rows if row.pk in targets}, bulk.parameters, actor
    )
    for row in rows:
        row.state = State.UNDONE if row.record_id in put_back else State.CHANGED_SINCE
    BulkActRow.objects.bulk_update(rows, ["state"])


def _targets(rows: Sequence[BulkActRow], *, keep_record: bool = False) -> dict[int, Target]:
    """By row, the customer its record belongs to today; rows whose record is gone are missing."""
    owners = dict(
        RecordCustomer.objects.filter(record_id__in=[row.record_id for row in rows]).values_list(
            "record_id", "customer_id"
        )
    )
    founding = dict(
        LedgerEntry.objects.filter(customer_id__in=set(owners.values())).values_list("customer_id", "record_id")
    )
    found = {}
    for row in rows:
        customer = owners.get(row.record_id)
        if customer is not None and customer in founding:
            found[row.pk] = Target(customer, row.record_id if keep_record else founding[customer], row.pk)
    return found


def _chosen(actor: Actor, selection: Selection, limit: int) -> Sql:
    """SELECT of the ids, at most so many."""
    if selection.ids is not None:
        condition = sql("c.id = ANY({}::uuid[])", list(selection.ids[:limit]))
    elif selection.asked.text.strip():
        found = ids_of(actor, selection.asked)
        condition = sql("c.id = ANY({}::uuid[])", found) if found else FALSE
    else:
        condition = Sql("TRUE")
    filter_ = selection.asked.filter
    known = all_of([condition_for(actor, filter_), condition])
    statement = sql("SELECT c.id FROM profile_customer c WHERE {} ORDER BY c.id LIMIT {}", known, limit)
    slow = sql(
        "SELECT c.id FROM profile_customer c WHERE {} ORDER BY c.id LIMIT {}",
        all_of([condition_for(actor, filter_, is_set_based=True), condition]),
        limit,
    )
    return min((statement, slow), key=lambda one: estimate(one)[1])


def _told(selection: Selection) -> dict[str, Any]:
    if selection.ids is not None:
        return {"ticked": len(selection.ids)}
    return {"query": selection.asked.text, "filter": plain_values(selection.asked.filter)}


def _refuse_too_many(count: int) -> None:
    if count > MOST:
        raise InvalidInput("selection", _("more than %(n)d customers: narrow the list down.") % {"n": MOST})


def _acting(context: jobs.JobContext) -> Actor:
    """The person as they are now: whose rights were taken away meanwhile does nothing more."""
    user = User.objects.filter(pk=context.actor_id or 0).first()
    if user is None:
        raise NobodyAsks
    return actor_for_user(user, via="job")


class NobodyAsks(DomainError):
    code = "nobody_asks"

    def __str__(self) -> str:
        return _("Whoever asked for this is not there any more.")


def counts_of(bulk: BulkAct) -> dict[str, int]:
    """How many customers are in which state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM profile_bulkactrow WHERE bulk_id = %s GROUP BY 1", [bulk.pk])
        return dict(cursor.fetchall())


def _ids(statement: Sql) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.parameters)
        return [row[0] for row in cursor.fetchall()]


def _execute(statement: Sql) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.parameters)
        return int(cursor.rowcount)
