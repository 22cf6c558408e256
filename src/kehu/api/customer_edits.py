"""Adding and changing customers: what is sent goes through the inbox and is resolved before the answer."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from kehu import inline
from kehu.api.customer_schemas import CustomerOut, customer_out
from kehu.api.customers import router
from kehu.api.operations import acts
from kehu.api.schemas import Input
from kehu.clean.identifier_forms import normal_form
from kehu.clean.touches import ConsentFact, Identifier
from kehu.collect.models import Source
from kehu.config import config
from kehu.core.errors import InvalidInput, NotFound
from kehu.extend.queries import attribute
from kehu.govern.access import Actor, actor_of, require
from kehu.profile import queries

Text = Annotated[str, StringConstraints(max_length=2000)]
Attributes = dict[Annotated[str, StringConstraints(max_length=50)], Text]


class IdentifierIn(Input):
    """Types of our own making (`native`, `user_id`) cannot be asserted from outside."""

    type: Literal["member_id", "unionid", "openid", "id_number", "erp_no", "crm_id", "phone", "email", "plate"]
    value: str = Field(min_length=1, max_length=300)


class ConsentIn(Input):
    purpose: str = Field(min_length=1, max_length=40, examples=["marketing"])
    channel: str = Field(min_length=1, max_length=40, examples=["email"])
    state: Literal["granted", "withdrawn"]
    occurred_at: AwareDatetime


class NewCustomer(Input):
    """What is known of a customer. With `source` and `external_id` it is that source's record, new or known."""

    kind: Literal["person", "organisation"] = "person"
    attributes: Attributes = Field(
        default={}, max_length=100, examples=[{"name": "张伟", "phone": "138 0013 8000", "email": "z@example.com"}]
    )
    identifiers: list[IdentifierIn] = Field(default=[], max_length=50)
    consents: list[ConsentIn] = Field(default=[], max_length=50)
    source: str = Field(default="", max_length=50, description="A source's slug; needs the permission import.run.")
    external_id: str = Field(default="", max_length=300, description="The key of the record in that source.")
    occurred_at: AwareDatetime | None = None


class NewCustomers(Input):
    customers: list[NewCustomer] = Field(min_length=1, max_length=100)


class CustomerChange(Input):
    """`version` as last read: a customer changed since is refused (409). A null takes the value back."""

    version: int = Field(ge=1, le=2**31 - 1, examples=[3])
    attributes: dict[Annotated[str, StringConstraints(max_length=50)], Text | None] = Field(
        min_length=1, max_length=100, examples=[{"job_title": "采购经理", "email": None}]
    )
    verified: list[Annotated[str, StringConstraints(max_length=50)]] = Field(
        default=[], max_length=100, description="Those of the attributes that the customer confirmed."
    )


class SavedOut(BaseModel):
    """`is_new` false: it was found to be a customer we knew. `warnings`: what could not be taken as it was."""

    customer_id: UUID
    record_id: UUID
    version: int
    is_new: bool
    warnings: list[str]
    customer: CustomerOut | None = Field(description="Null when it belongs to a customer the caller may not see.")


class SavedBrief(BaseModel):
    """`warnings`: what could not be taken as it was."""

    customer_id: UUID
    record_id: UUID
    is_new: bool
    warnings: list[str]


class SavedManyOut(BaseModel):
    saved: list[SavedBrief]


@acts(router, "post", "", needs="customer.create", answers=SavedOut, status=201, summary="Add a customer")
def create_customer(request: HttpRequest, body: NewCustomer) -> SavedOut:
    """Cleaned, resolved and part of its customer before the answer comes."""
    actor = actor_of(request)
    [saved] = inline.create_customers([_new(actor, body)], actor=actor)
    return _out(actor, saved)


@acts(
    router,
    "post",
    "/batch/create",
    needs="customer.create",
    answers=SavedManyOut,
    status=201,
    summary="Add many customers",
)
def create_customers(request: HttpRequest, body: NewCustomers) -> SavedManyOut:
    """Resolved together, in one transaction: all of them, or none. Answers are in the order sent.

    A record that cannot be taken refuses the whole call and is named by its place, as in `customers.3.attributes.name`.
    """
    actor = actor_of(request)
    saved = inline.create_customers(
        [_new(actor, one, f"customers.{place}.") for place, one in enumerate(body.customers)], actor=actor
    )
    return SavedManyOut(
        saved=[
            SavedBrief(customer_id=s.customer_id, record_id=s.record_id, is_new=s.is_new, warnings=list(s.warnings))
            for s in saved
        ]
    )


@acts(
    router,
    "patch",
    "/{customer_id}",
    needs="customer.edit",
    answers=SavedOut,
    summary="Change a customer",
)
def change_customer(request: HttpRequest, customer_id: UUID, body: CustomerChange) -> SavedOut:
    """Only what is named changes; it is kept as said by the caller, beside what the sources say."""
    actor = actor_of(request)
    _check_attributes(body.attributes)
    saved = inline.update_customer(
        customer_id, actor=actor, attributes=body.attributes, version=body.version, verified=body.verified
    )
    return _out(actor, saved)


def _new(actor: Actor, body: NewCustomer, place: str = "") -> inline.NewCustomer:
    """place: put before the name of a field that is refused, where several customers came at once."""
    try:
        _check_attributes(body.attributes)
        return inline.NewCustomer(
            attributes=body.attributes,
            kind=body.kind,
            identifiers=tuple(_identifier(one) for one in body.identifiers),
            consents=tuple(ConsentFact(c.purpose, c.channel, c.state, c.occurred_at) for c in body.consents),
            source=_source(actor, body),
            external_id=body.external_id,
            occurred_at=body.occurred_at,
        )
    except InvalidInput as error:
        raise InvalidInput(place + error.field, error.message) from error


def _check_attributes(attributes: Attributes | dict[str, str | None]) -> None:
    for name in attributes:
        if attribute(name) is None:
            raise InvalidInput(f"attributes.{name}", _("there is no such attribute: see the catalogue."))


def _identifier(given: IdentifierIn) -> Identifier:
    value = normal_form(given.type, given.value, config.blind_index_key)
    if not value:
        raise InvalidInput(f"identifiers.{given.type}", _("this value cannot be one of its type."))
    return Identifier(given.type, value)


def _source(actor: Actor, body: NewCustomer) -> Source | None:
    """Speaking for a source is more than typing a customer in."""
    if bool(body.source) != bool(body.external_id):
        raise InvalidInput("external_id", _("source and external_id go together."))
    if not body.source:
        return None
    require(actor, "import.run")
    source = Source.objects.filter(slug=body.source, is_enabled=True).exclude(kind="native").first()
    if source is None:
        raise NotFound("source", body.source)
    return source


def _out(actor: Actor, saved: inline.Saved) -> SavedOut:
    try:
        customer = customer_out(queries.customer_view(actor, saved.customer_id, timeline_limit=1))
    except NotFound:
        customer = None
    return SavedOut(
        customer_id=saved.customer_id,
        record_id=saved.record_id,
        version=saved.version,
        is_new=saved.is_new,
        warnings=list(saved.warnings),
        customer=customer,
    )
