"""Sending a correction to whoever answers for the source, and taking it back."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.database import fetch_all
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require, sees_record_of
from kehu.govern.field_policy import require_writable
from kehu.profile.corrections.models import Correction
from kehu.profile.models import Customer
from kehu.profile.queries.lookup import current_customer

# Records of the customer that say of the attribute what the named record says; what was typed here is edited here.
_SAYING = """
WITH said AS (
    SELECT r.id, r.source_id, r.department_id, r.attributes -> %(attribute)s ->> 'v' AS v,
           coalesce(r.attributes -> %(attribute)s ->> 'n', r.attributes -> %(attribute)s ->> 'v') AS form
    FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id
    WHERE m.customer_id = %(customer)s)
SELECT s.id, s.source_id, s.department_id, s.v, s.form FROM said s JOIN said named ON named.form = s.form
JOIN collect_source c ON c.id = s.source_id AND c.kind <> 'native' WHERE named.id = %(record)s
"""


@transaction.atomic
def send_corrections(customer_id: UUID, attribute: str, record_id: UUID, *, actor: Actor) -> list[int]:
    """Tell the owner of each source that says what this record says: the golden value is the right one.

    One that still stands is not sent twice. Returns the ids of those sent. Raises InvalidInput, NotFound.
    """
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.edit", on=(customer,))
    require_writable(actor, [attribute])
    golden = Customer.objects.get(pk=customer).golden.get(attribute)
    if golden is None:
        raise NotFound("value", attribute)
    asked = {"attribute": attribute, "customer": customer, "record": record_id}
    saying = [row for row in fetch_all(_SAYING, asked) if sees_record_of(actor, row[2])]
    if not saying:
        raise NotFound("value", attribute)
    right_form = golden.get("n") or golden["v"]
    if saying[0][4] == right_form:
        raise InvalidInput("value", _("this is the chosen value: there is nothing to correct."))
    audit.act_as(actor, "send a correction")
    standing = set(
        Correction.objects.filter(
            record_id__in=[row[0] for row in saying], attribute=attribute, right_form=right_form, withdrawn_at=None
        ).values_list("record_id", "wrong_form")
    )
    made = Correction.objects.bulk_create(
        Correction(
            record_id=record, source_id=source, attribute=attribute, wrong=said, wrong_form=form,
            right=golden["v"], right_form=right_form, sent_by_id=actor.user_id,
        )
        for record, source, _department, said, form in saying
        if (record, form) not in standing
    )  # fmt: skip
    return [one.pk for one in made]


@transaction.atomic
def withdraw_corrections(ids: list[int], *, actor: Actor) -> int:
    """One's own only; a steward may take back anybody's."""
    require(actor, "customer.edit")
    mine = Correction.objects.filter(pk__in=ids, withdrawn_at=None)
    if not actor.can("profile.manage"):
        mine = mine.filter(sent_by_id=actor.user_id or 0)
    audit.act_as(actor, "withdraw a correction")
    return mine.update(withdrawn_at=timezone.now())
