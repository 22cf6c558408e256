"""Who asks a filter's questions, when, and of which records: what every condition is written within."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils import timezone

from kehu.govern.access import Actor, visible_departments
from kehu.profile.sql import TRUE, Sql, sql


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and when. is_set_based: figures over orders are summed once for everybody instead of one by one.

    is_alternative: the question stands beside others of which one suffices.
    """

    actor: Actor
    now: datetime
    zone: tzinfo
    is_set_based: bool = False
    is_alternative: bool = False

    def exists(self, rows: Sql) -> Sql:
        """Whether there are rows (FROM … WHERE …) for c.

        As an alternative the planner would answer EXISTS by reading the whole table once; a scalar it asks row by row.
        """
        if self.is_alternative and not self.is_set_based:
            return sql("coalesce((SELECT true FROM {} LIMIT 1), false)", rows)
        return sql("EXISTS (SELECT FROM {})", rows)

    @property
    def records(self) -> Sql:
        """FROM and WHERE of the records of c that the actor may be told of: m (mapping) and r (record)."""
        scope = TRUE
        if self.actor.is_strict:
            scope = sql("coalesce(r.department_id, 0) = ANY({})", list(visible_departments(self.actor) or ()))
        return sql(
            "resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id "
            "WHERE m.customer_id = c.id AND {}",
            scope,
        )

    @property
    def scope_of_order(self) -> Sql:
        """A condition on orders, joined as m, for those who see only some records."""
        if not self.actor.is_strict:
            return TRUE
        return sql(
            "EXISTS (SELECT FROM resolve_sourcerecord r WHERE r.id = m.record_id AND "
            "coalesce(r.department_id, 0) = ANY({}))",
            list(visible_departments(self.actor) or ()),
        )


def asking_of(actor: Actor, *, is_set_based: bool = False) -> Asking:
    return Asking(actor, timezone.now(), timezone.get_default_timezone(), is_set_based)
