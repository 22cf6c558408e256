"""Following a customer, and ceasing to."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from kehu.govern import audit
from kehu.govern.access import Actor
from kehu.profile.queries import founding_record, members_of
from kehu.teamwork.access import colleague, customer_among_colleagues
from kehu.teamwork.models import Follow


@transaction.atomic
def follow_customer(customer_id: UUID, *, actor: Actor) -> None:
    """Be told what becomes of the customer. Twice is once, through whichever record."""
    customer = customer_among_colleagues(actor, customer_id)
    audit.act_as(actor, "follow customer")
    if not _follows(customer, actor).exists():
        Follow.objects.get_or_create(record_id=founding_record(customer), user_id=colleague(actor))


@transaction.atomic
def unfollow_customer(customer_id: UUID, *, actor: Actor) -> None:
    """Twice is once."""
    customer = customer_among_colleagues(actor, customer_id)
    audit.act_as(actor, "unfollow customer")
    _follows(customer, actor).delete()


def _follows(customer: UUID, actor: Actor) -> QuerySet[Follow]:
    records = [member.id for member in members_of([customer])[customer]]
    return Follow.objects.filter(record_id__in=records, user_id=colleague(actor))
