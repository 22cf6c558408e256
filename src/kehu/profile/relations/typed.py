"""What a person says of a tie between two customers, checked and made into a fact for the inbox."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from kehu.clean.touches import RecordRef, RelationFact
from kehu.core.database import fetch_all
from kehu.core.errors import InvalidInput
from kehu.profile.models import Customer
from kehu.profile.queries.lookup import founding_record
from kehu.profile.relations.kinds import KINDS, fits

LONGEST_ROLE = 100


@dataclass(frozen=True, slots=True)
class SaidRelation:
    """until None: it holds. is_denied: it never was, whatever sources say."""

    kind: str
    role: str = ""
    since: date | None = None
    until: date | None = None
    is_denied: bool = False


def relation_fact(left: UUID, right: UUID, said: SaidRelation) -> RelationFact:
    """Hangs on the founding record of the right one. Raises InvalidInput."""
    kind = KINDS.get(said.kind)
    if kind is None or not (kind.is_typed or said.is_denied):
        raise InvalidInput("kind", _("there is no such relation."))
    if left == right:
        raise InvalidInput("other", _("nobody is tied to themselves."))
    kinds = dict(Customer.objects.filter(pk__in=(left, right)).values_list("pk", "kind"))
    if not fits(kind, kinds[left], kinds[right]):
        raise InvalidInput("kind", _("these two cannot be tied so: look which is a person and which an organisation."))
    if said.since and said.until and said.until < said.since:
        raise InvalidInput("until", _("it ends before it begins."))
    if len(said.role) > LONGEST_ROLE:
        raise InvalidInput("role", _("at most %(n)d characters.") % {"n": LONGEST_ROLE})
    [(source, external_id)] = fetch_all(
        "SELECT s.slug, r.external_id FROM resolve_sourcerecord r JOIN collect_source s ON s.id = r.source_id "
        "WHERE r.id = %s",
        [founding_record(right)],
    )
    return RelationFact(
        RecordRef(source, external_id),
        said.kind,
        role=said.role.strip(),
        since=said.since,
        until=said.until,
        is_denied=said.is_denied,
    )
