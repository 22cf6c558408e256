"""Tags that follow a rule: given and taken in one statement each, so that history tells from when to when."""

import logging
from collections.abc import Callable
from typing import Final

from django.db import connection, transaction
from django.db.models.functions import Now

from kehu.core.errors import DomainError
from kehu.govern.access import SYSTEM
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.filters.tree import filter_from
from kehu.profile.tags.models import Tag

logger = logging.getLogger(__name__)

# matching: customers the rule holds for. Who carries the tag through any of their records keeps it.
_FOLLOW: Final = """
WITH matching AS MATERIALIZED (SELECT c.id FROM profile_customer c WHERE {condition}),
carried AS (
    SELECT t.id, m.customer_id FROM profile_tagentry t JOIN resolve_recordcustomer m ON m.record_id = t.record_id
    WHERE t.tag_id = %s AND t.until IS NULL),
over AS (
    UPDATE profile_tagentry t SET until = now() WHERE t.tag_id = %s AND t.until IS NULL
        AND NOT EXISTS (SELECT FROM carried k WHERE k.id = t.id AND k.customer_id IN (SELECT id FROM matching))
    RETURNING 1),
given AS (
    INSERT INTO profile_tagentry (tag_id, record_id, value, source, reason, since)
    SELECT %s, l.record_id, '', 'rule', '', now() FROM matching c
    JOIN resolve_ledgerentry l ON l.customer_id = c.id
    WHERE c.id NOT IN (SELECT customer_id FROM carried)
    RETURNING 1)
SELECT (SELECT count(*) FROM given), (SELECT count(*) FROM over)
"""


def run_rules(checkpoint: Callable[[], None] = lambda: None) -> int:
    """Every rule once; returns how many givings began or ended. A rule that can be asked no more changes nothing."""
    changed = 0
    for tag in Tag.objects.filter(is_retired=False, rule__isnull=False).order_by("pk"):
        checkpoint()
        try:
            changed += run_rule(tag.pk)
        except DomainError as error:
            logger.warning("tag rule cannot be asked", extra={"tag_id": tag.pk, "code": error.code})
    return changed


@transaction.atomic
def run_rule(tag_id: int) -> int:
    """Give the tag to whom its rule holds for, take it from the others."""
    tag = Tag.objects.select_for_update().get(pk=tag_id)
    if tag.is_retired or tag.rule is None:
        return 0
    condition, _ = compile_filter(SYSTEM, filter_from(tag.rule), is_set_based=True)
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW.replace("{condition}", condition.text), [*condition.parameters, tag.pk, tag.pk, tag.pk])
        row = cursor.fetchone()
    Tag.objects.filter(pk=tag.pk).update(ran_at=Now())
    return sum(row) if row else 0
