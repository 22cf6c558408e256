"""Corrections and what became of them, which the source's own record tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.govern.access import Actor, require, visible_departments, visible_to
from kehu.govern.field_policy import Presented, present_value

MOST: Final = 200
_STATE: Final = """CASE WHEN k.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN now.form IS NULL THEN 'gone'
    WHEN now.form = k.right_form THEN 'corrected' WHEN now.form = k.wrong_form THEN 'open' ELSE 'changed' END"""


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """state: open, corrected (the source says the right value), changed (a third one), gone, withdrawn."""

    id: int
    customer_id: UUID
    source: str
    attribute: str
    wrong: Presented
    right: Presented
    sent_by_id: int | None
    sent_at: datetime
    owner_id: int | None
    state: str


def corrections(actor: Actor) -> list[CorrectionLine]:
    """Those the actor sent or answers for; a steward sees all. Of customers in sight, the open ones first."""
    require(actor, "customer.view")
    condition, parameters = visible_to(actor).sql("c")
    if actor.is_strict:
        condition += " AND coalesce(r.department_id, 0) = ANY(%s)"
        parameters = [*parameters, list(visible_departments(actor) or ())]
    rows = fetch_all(
        f"""
        SELECT k.id, m.customer_id, s.name, k.attribute, k.wrong, k.right, k.sent_by_id, k.sent_at, s.owner_id, {_STATE}
        FROM profile_correction k JOIN resolve_recordcustomer m ON m.record_id = k.record_id
        JOIN profile_customer c ON c.id = m.customer_id JOIN collect_source s ON s.id = k.source_id
        JOIN resolve_sourcerecord r ON r.id = k.record_id
        CROSS JOIN LATERAL (SELECT coalesce(r.attributes -> k.attribute ->> 'n', r.attributes -> k.attribute ->> 'v')
            AS form) now
        WHERE {condition} AND (%s OR k.sent_by_id = %s OR s.owner_id = %s)
        ORDER BY ({_STATE}) = 'open' DESC, k.id DESC LIMIT {MOST}
        """,  # noqa: S608
        [*parameters, actor.can("profile.manage"), actor.user_id or 0, actor.user_id or 0],
    )
    return [
        CorrectionLine(
            id_, customer, source, attribute, present_value(actor, attribute, wrong),
            present_value(actor, attribute, right), *rest,
        )
        for id_, customer, source, attribute, wrong, right, *rest in rows
    ]  # fmt: skip
