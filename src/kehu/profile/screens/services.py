"""Letting screens in, giving out cards, and bringing customers up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.clean.identifier_forms import normal_form
from kehu.config import config
from kehu.core import jobs
from kehu.core.errors import InvalidInput, NotFound
from kehu.core.registries import Exit, ExitKind
from kehu.govern import audit, rate_limits
from kehu.govern.access import Actor, require
from kehu.govern.consent import gate
from kehu.govern.consent.errors import ConsentMissing
from kehu.govern.field_policy import is_masked_for
from kehu.govern.models import User
from kehu.profile.queries.lookup import current_customer
from kehu.profile.screens.links import sign_link
from kehu.profile.screens.models import Screen, ScreenPop
from kehu.profile.screens.origins import origins_from

TO_SERVE: Final = "service"
CLEAR: Final = "profile.clear_pops"
KEPT: Final = timedelta(hours=1)
CALLING: Final = ("phone", "email", "member_id", "unionid", "openid")


@transaction.atomic
def add_screen(*, name: str, origins: list[str], link_seconds: int = 300, actor: Actor) -> Screen:
    require(actor, "source.manage")
    name = name.replace("\x00", "").strip()
    if not 1 <= len(name) <= 80 or Screen.objects.filter(name=name).exists():
        raise InvalidInput("name", _("a name of its own, at most 80 characters."))
    if not 30 <= link_seconds <= 3600:
        raise InvalidInput("link_seconds", _("from 30 to 3600 seconds."))
    audit.act_as(actor, "let a screen show cards")
    return Screen.objects.create(name=name, origins=origins_from(origins), link_seconds=link_seconds)


@transaction.atomic
def remove_screen(screen_id: int, *, actor: Actor) -> None:
    """Its links are dead from now on."""
    require(actor, "source.manage")
    audit.act_as(actor, "let a screen show cards no more")
    if not Screen.objects.filter(pk=screen_id).delete()[0]:
        raise NotFound("screen", screen_id)


@transaction.atomic
def give_card(screen_id: int, customer_id: UUID, *, actor: Actor) -> tuple[str, datetime, UUID]:
    """A signed link to the card of a customer the token sees: (link, when it ends, the customer of today).

    Raises NotFound, ConsentMissing, and InvalidInput for callers without a token, which is what a link can be
    revoked by.
    """
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.view", on=(customer,))
    if actor.token_id is None:
        raise InvalidInput("screen_id", _("cards are given to programs that sign in with a token."))
    screen = Screen.objects.filter(pk=screen_id, is_enabled=True).first()
    if screen is None:
        raise NotFound("screen", screen_id)
    refuse_unless_served(customer)
    ends_at = timezone.now() + timedelta(seconds=screen.link_seconds)
    audit.note(actor=actor, action="card", on=str(customer), details={"screen": screen.name, "given": True})
    return sign_link(screen, customer, actor.token_id, ends_at), ends_at, customer


def refuse_unless_served(customer_id: UUID) -> None:
    answer = gate.may(TO_SERVE, "", customer_id=customer_id)
    if not answer.allowed:
        raise ConsentMissing(TO_SERVE, "", answer)


def _lets_out(customer_id: UUID, purpose: str, channel: str) -> bool:
    return gate.may(purpose, channel, customer_id=customer_id).allowed


EXIT: Final = Exit("screens.card", ExitKind.VIEW, _lets_out, routes=("web:card",))


def send_pop(agent: str, type_: str, value: str, *, actor: Actor, call: str = "") -> int:
    """Have whoever carries the identifier come up on the agent's screen; returns the pop's id.

    agent: the e-mail of somebody who works here. What comes up is what the agent may see. Raises InvalidInput.
    """
    require(actor, "screen.pop")
    if type_ not in CALLING:
        raise InvalidInput("type", ", ".join(CALLING))
    wanted = normal_form(type_, value, config.blind_index_key)
    if not wanted or len(wanted) > 300:
        raise InvalidInput("value", _("this value cannot be one of its type."))
    person = User.objects.filter(email__iexact=agent.strip(), is_active=True).only("pk").first()
    if person is None:
        raise InvalidInput("agent", _("nobody of that e-mail works here."))
    if is_masked_for(actor, type_):
        rate_limits.count(rate_limits.LOOK_UP, actor)
    with transaction.atomic():
        pop = ScreenPop.objects.create(
            agent_id=person.pk, type=type_, value=wanted, call=call[:100], sent_by_id=actor.user_id
        )
        jobs.enqueue(CLEAR, {}, queueing_key=CLEAR, delay=KEPT)
        audit.note(actor=actor, action="screen_pop", on=str(person.pk), details={"type": type_, "call": call[:100]})
    return pop.pk


def close_pop(pop_id: int, *, actor: Actor) -> None:
    ScreenPop.objects.filter(pk=pop_id, agent_id=actor.user_id or 0).update(closed_at=timezone.now())


@jobs.job(CLEAR)
def clear_pops(context: jobs.JobContext) -> Mapping[str, Any]:
    """The last pop's own clearing comes after all of them are old."""
    return {"pops": ScreenPop.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()[0]}
