"""Webhooks out (Standard Webhooks): addresses that hear of changes, and what became of each message."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.changes import Kind
from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Done, Input, Limit, PageOf, RowId
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.feed import queries, services
from kehu.govern.access import actor_of

router = Router()
LIST = "deliveries"
Url = Annotated[str, Field(max_length=500, examples=["https://crm.example.com/hooks/kehu"])]


class WebhookOut(BaseModel):
    id: int = Field(examples=[3])
    name: str = Field(examples=["Data warehouse"])
    url: str
    kinds: list[str] = Field(examples=[["customer.created", "customer.merged"]])
    is_enabled: bool
    disabled_because: str
    failures_in_row: int
    paused_until: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    created_at: datetime
    pending: int = Field(description="Messages that wait to be sent.")
    dead: int = Field(description="Messages that were given up.")


class SecretOut(BaseModel):
    """The secret is shown this once."""

    id: int
    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class NewWebhook(Input):
    name: str = Field(min_length=1, max_length=100)
    url: Url
    kinds: list[Kind] = Field(min_length=1, max_length=10)


class WebhookChange(Input):
    name: str | None = Field(default=None, min_length=1, max_length=100)
    url: Url | None = None
    kinds: list[Kind] | None = Field(default=None, min_length=1, max_length=10)
    is_enabled: bool | None = None


class DeliveryOut(BaseModel):
    id: int
    message_id: str = Field(examples=["msg_2c1f…"], description="The `webhook-id`: the same on every try.")
    kind: str
    state: str = Field(examples=["delivered"])
    attempts: int
    next_at: datetime
    last_status: int | None
    last_error: str
    created_at: datetime
    delivered_at: datetime | None


@reads(router, "", needs="webhook.manage", answers=PageOf[WebhookOut], summary="List webhooks")
def list_webhooks(request: HttpRequest) -> PageOf[WebhookOut]:
    return PageOf(items=[_out(one) for one in queries.webhooks(actor_of(request))])


@acts(router, "post", "", needs="webhook.manage", answers=SecretOut, status=201, summary="Add a webhook")
def create_webhook(request: HttpRequest, body: NewWebhook) -> SecretOut:
    """The address must be public and https, unless the administrator let its host through. Messages name customers by
    id alone."""
    made = services.create_webhook(actor=actor_of(request), name=body.name, url=body.url, kinds=body.kinds)
    return SecretOut(id=made.id, secret=made.secret)


@reads(router, "/{webhook_id}", needs="webhook.manage", answers=WebhookOut, summary="One webhook")
def get_webhook(request: HttpRequest, webhook_id: RowId) -> WebhookOut:
    return _out(queries.webhook(actor_of(request), webhook_id))


@acts(router, "patch", "/{webhook_id}", needs="webhook.manage", answers=WebhookOut, summary="Change a webhook")
def change_webhook(request: HttpRequest, webhook_id: RowId, body: WebhookChange) -> WebhookOut:
    """Only what is named changes."""
    services.change_webhook(webhook_id, actor=actor_of(request), **body.model_dump(exclude_none=True))
    return _out(queries.webhook(actor_of(request), webhook_id))


@acts(router, "delete", "/{webhook_id}", needs="webhook.manage", answers=Done, summary="Delete a webhook")
def delete_webhook(request: HttpRequest, webhook_id: RowId) -> Done:
    """With the messages that wait."""
    services.delete_webhook(webhook_id, actor=actor_of(request))
    return Done()


@acts(router, "post", "/{webhook_id}/secret", needs="webhook.manage", answers=SecretOut, summary="Rotate the secret")
def rotate_webhook_secret(request: HttpRequest, webhook_id: RowId) -> SecretOut:
    """For a day messages carry a signature of the old secret as well."""
    return SecretOut(id=webhook_id, secret=services.rotate_secret(webhook_id, actor=actor_of(request)))


@acts(router, "post", "/{webhook_id}/ping", needs="webhook.manage", answers=Done, summary="Send a test message")
def ping_webhook(request: HttpRequest, webhook_id: RowId) -> Done:
    services.send_ping(webhook_id, actor=actor_of(request))
    return Done()


@acts(
    router,
    "post",
    "/{webhook_id}/resend",
    needs="webhook.manage",
    answers=Done,
    summary="Send again what was given up",
)
def resend_webhook(request: HttpRequest, webhook_id: RowId) -> Done:
    return Done(count=services.send_again(webhook_id, actor=actor_of(request)))


@reads(
    router,
    "/{webhook_id}/deliveries",
    needs="webhook.manage",
    answers=PageOf[DeliveryOut],
    summary="What became of its messages",
)
def list_deliveries(
    request: HttpRequest,
    webhook_id: RowId,
    state: Annotated[Literal["pending", "delivered", "dead", "all"], Query()] = "all",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[DeliveryOut]:
    """Newest first."""
    position = decode_cursor(LIST, cursor)
    found = queries.deliveries(
        actor_of(request),
        webhook_id,
        state="" if state == "all" else state,
        before_id=position[0] if position else None,
        limit=limit + 1,
    )
    shown = found[:limit]
    return PageOf(
        items=[DeliveryOut.model_validate(one, from_attributes=True) for one in shown],
        next_cursor=encode_cursor(LIST, [shown[-1].id]) if len(found) > limit else None,
    )


@acts(
    router,
    "post",
    "/{webhook_id}/deliveries/{delivery_id}/resend",
    needs="webhook.manage",
    answers=Done,
    summary="Send one message again",
)
def resend_delivery(request: HttpRequest, webhook_id: RowId, delivery_id: RowId) -> Done:
    return Done(count=services.send_again(webhook_id, actor=actor_of(request), delivery_id=delivery_id))


def _out(found: queries.WebhookView) -> WebhookOut:
    return WebhookOut.model_validate(found, from_attributes=True)
