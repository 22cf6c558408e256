"""Who sees a customer, and why; with whom it is shared."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.govern import queries as govern
from kehu.govern import sight
from kehu.govern.access import Actor
from kehu.govern.models import Role
from kehu.govern.sight import ShareLine, Sight
from kehu.profile.queries import current_customer
from kehu.web.access_forms import ShareForm
from kehu.web.components import Choice, Text

WAYS: dict[str, Text] = {
    "all": gettext_lazy("the role sees all customers"),
    "department": gettext_lazy("records of the customer lie in"),
    "owner": gettext_lazy("looked after by"),
    "territory": gettext_lazy("lives in the territory"),
    "share": gettext_lazy("the customer is shared with them"),
}


@dataclass(frozen=True, slots=True)
class SightPage:
    """people: whom one may ask about; none for who sees no people. form None: the reader may not share."""

    customer_id: UUID
    back_url: str
    asked: Sight
    verdict: str
    reasons: list[tuple[Text, str]]
    scope: str
    people: list[Choice]
    shares: list[ShareLine]
    form: ShareForm | None


def sight_page(actor: Actor, customer_id: UUID, user_id: int | None, form: ShareForm | None = None) -> SightPage:
    """Raises NotFound."""
    current = current_customer(actor, customer_id).id
    asked = sight.sight_of(actor, current, user_id or actor.user_id or 0)
    people = govern.active_people() if actor.can("user.view") else []
    return SightPage(
        current,
        reverse("web:customer", args=[current]),
        asked,
        _verdict(asked),
        [(WAYS[one.way], "、".join(name or _("whole company") for name in one.names)) for one in asked.reasons],
        str(Role.Scope(asked.scope).label),
        [Choice(str(key), name, key == asked.user_id) for key, name in people],
        sight.shares_of(actor, current),
        (form or ShareForm()) if actor.can("customer.share") else None,
    )


def _verdict(asked: Sight) -> str:
    if asked.sees:
        return _("%(name)s sees this customer.") % {"name": asked.name}
    if not asked.may_view:
        return _("%(name)s sees no customers at all: the role lacks the right.") % {"name": asked.name}
    return _("%(name)s does not see this customer.") % {"name": asked.name}
