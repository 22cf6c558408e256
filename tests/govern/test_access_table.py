"""Every route, tried by every kind of caller, against the table written by hand."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from kehu.clean.rules.rule import Required, Rule, RuleSet
from kehu.clean.services import save_rules
from kehu.collect import inbox
from kehu.collect.models import DeadLetter, Import
from kehu.collect.services import create_source
from kehu.core import jobs
from kehu.core.database import current_connection
from kehu.core.files import file_store
from kehu.govern.access import SYSTEM, actor_for_user
from kehu.govern.consent.links import token_for
from kehu.govern.models import ApiToken, Role, Share, User
from kehu.govern.permissions import PERMISSIONS
from kehu.govern.privacy.services import open_request
from kehu.govern.routes import every_route
from kehu.govern.services import create_team, create_territory, create_token
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.models import Customer, Event, MergeAct, Rebuild
from kehu.profile.queries.lists import ListAsked
from kehu.profile.screens.models import Screen
from kehu.profile.services.bulk import Selection, start_bulk
from kehu.profile.services.export import start_export
from kehu.profile.services.views import ViewDraft, save_view
from kehu.profile.tags.models import Tag, TagEntry
from kehu.resolve.models import BlockedValue, Link, RecordCustomer
from kehu.teamwork.models import Comment, Notification
from tests.callers import make_client
from tests.cast import hash_of_password, make_customer, make_department, make_user
from tests.govern.access_table import IN, LOGIN, TABLE, Expected

WHO = ("a stranger", "a rep", "a rep of another department", "their manager", "a token")


@dataclass(frozen=True)
class World:
    """What the addresses and bodies of the table speak of; everything belongs to the department East."""

    callers: tuple[Client, ...]
    arguments: dict[str, Any]
    bodies: dict[str, Any]


pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for the whole table: every call below is rolled back, and so is this in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


def build_world() -> World:
    east, west = make_department("East"), make_department("West")
    manager = make_user("manager", east)
    people = [None, make_user("rep", east), make_user("rep", west), manager]
    callers = [make_client() for _ in WHO]
    for client, person in zip(callers, people, strict=False):
        if person is not None:
            person.password = hash_of_password()
            person.save()
            client.force_login(person)
    token = create_token(user_id=make_user("steward").pk, name="t", scopes=sorted(PERMISSIONS), actor=SYSTEM)
    callers[-1] = make_client(headers={"Authorization": f"Bearer {token}"})

    customer = make_customer("张伟", department_id=east.pk, phone="13800138000")
    other = make_customer("李静", department_id=east.pk)
    record, second, third = record_of(customer), record_of(other), record_of(make_customer(department_id=east.pk))
    RecordCustomer.objects.filter(record_id=third).update(customer_id=customer)
    source = create_source(kind="web", name="Shop", actor=SYSTEM)
    act = MergeAct.objects.create(
        kind="merge",
        survivor_id=customer,
        absorbed_id=other,
        before={"mapping": {str(record): str(customer), str(second): str(other)}, "lifted": []},
        after={},
    )
    Link.objects.create(
        left_id=min(record, third),
        right_id=max(record, third),
        kind="model",
        reason="model",
        weight_bits=9.0,
        probability=0.99,
        model_version="1",
    )
    stored = file_store().put([b"name,phone\nZhang,13800138000\n"])
    imported = Import.objects.create(
        source=source, file_name="a.csv", file_path=stored.key, file_hash=stored.digest, format="csv"
    )
    save_rules(RuleSet((Rule("abc", "abc", Required("phone")),)), base_version=0, actor=SYSTEM)
    reason = {"reason": "because"}
    return World(
        tuple(callers),
        {
            "customer_id": customer,
            "organisation_id": make_organisation(east.pk),
            "left_id": record,
            "right_id": second,
            "left": min(record, third),
            "right": max(record, third),
            "type": "phone",
            "value": "13800138000",
            "attribute": "phone",
            "act_id": act.pk,
            "source_id": source.pk,
            "import_id": imported.pk,
            "place": 0,
            "letter_id": make_dead_letter(source.pk),
            "rebuild_id": Rebuild.objects.create(schema="gen_1", state="swapped").pk,
            "job_id": jobs.enqueue("import.run", {"import_id": imported.pk}, actor_id=manager.pk),
            "webhook_id": 1,
            "delivery_id": 1,
            "rule_id": 1,
            "alert_id": 1,
            "route_id": 1,
            "silence_id": 1,
            **lists_of(manager, customer),
            "key": "abc",
            "check": "completeness",
            "version": 1,
            "user_id": manager.pk,
            "department_id": west.pk,
            "team_id": create_team(name="T", actor=SYSTEM),
            "territory_id": create_territory(name="P", places=["浙江省"], department_id=west.pk, actor=SYSTEM),
            "role_id": Role.objects.get(slug="marketer").pk,
            "token_id": ApiToken.objects.get().pk,
            "session_id": make_session(make_user("rep", west)),
            "secret": "not-the-one",
            "link": "never:was:signed",
            "screen_id": Screen.objects.create(name="Desk", origins=["https://desk.example.com"]).pk,
            "pop_id": 1,
            "share_id": Share.objects.create(record_id=record, department_id=east.pk, reason="r").pk,
            "token": token_for("sms", "13800138000", customer_id=customer, purpose="marketing"),
            "request_id": open_request("access", requester_name="x", actor=SYSTEM),
            "policy": "dead_letters",
            "purpose": "survey",
            "kind": "source",
            "row": source.pk,
            "provider_id": "nobody",
            "pk": 1,
            "blocked_id": BlockedValue.objects.create(type="phone", value="+864001234567").pk,
            "row_id": make_call(record),
            "number": 0,
            "slug": make_tagged(record),
            "comment_id": Comment.objects.create(record_id=record, author_id=people[1].pk, text="x").pk,
            "notification_id": Notification.objects.create(user_id=people[1].pk, kind="job", cause="job:1").pk,
            "name": make_computed_attribute(),
            "uidb36": "1",
            "rest": "nothing/here",
        },
        {
            "api:create_customer": {"attributes": {"name": "王芳"}},
            "api:create_customers": {"customers": [{"attributes": {"name": "王芳"}}]},
            "api:record_consent": {"purpose": "marketing", "channels": ["sms"], "state": "granted"},
            "api:check_consent": {"purpose": "marketing", "channel": "sms", "address": "13800138000"},
            "api:hear_reply": {"channel": "sms", "address": "13800138000", "text": "TD"},
            "api:open_privacy_request": {"kind": "access", "requester_name": "x"},
            "api:add_relation": {"other": str(customer), "kind": "household"},
            "api:end_relation": {"other": str(customer), "kind": "household"},
            "api:change_customer": {"version": 1, "attributes": {"job_title": "采购"}},
            "api:merge_customer": {**reason, "absorbed_id": str(other)},
            "api:unmerge_customers": reason,
            "api:split_customer": {**reason, "record_ids": [str(record)]},
            "api:pin_value": {"value": "13800138000"},
            "api:assign_owner": {"owner_id": None},
            "api:reveal_customer_value": {**reason, "attribute": "phone"},
            "api:decide_review_pair": {"left_id": str(record), "right_id": str(second), "verdict": "different"},
            "web:pin": {"attribute": "phone", "value": str(record)},
            "api:give_card": {"customer_id": str(customer)},
            "web:verify": {"attribute": "phone", "value": str(record)},
            "api:preview_import": {"mapping": {"record": {"key": ["phone"]}}},
            "api:start_import": {"mapping": {"record": {"key": ["phone"]}}, "source_id": source.pk},
            "api:compare_with_the_base": {"mapping": {"record": {"key": ["phone"]}}},
            "api:undo_import": reason,
            "api:tag_customer": {"tag": "vip"},
            "web:customer_tag": {"tag": "vip"},
            "api:add_comment": {"text": "x"},
            "api:edit_comment": {"text": "y", "version": 1},
            "api:choose_notification_kinds": {"kinds": ["job"]},
            "api:save_tag": {"label_en": "VIP", "label_zh": "贵宾", "tag_class": "value"},
            "api:retire_tag": reason,
            "api:change_profile_rules": {"version": 1},
            "api:preview_survivorship": {"rule": "trust"},
            "api:change_survivorship": {"rule": "trust", "seen": "recency"},
            "web:profile_rules": {"attribute": "phone", "rule": "trust", "seen": "recency"},
            "api:add_computed_attribute": {"name": "visits", "over": "events", "function": "count"},
            "api:block_value": {**reason, "type": "phone", "value": "13900139000"},
            "api:lift_block": reason,
            "api:replay_dead_letter_reason": {"code": "broken"},
            "api:discard_dead_letter": reason,
            "api:create_view": {"name": "x"},
            "api:change_view": {"name": "x", "version": 1},
            "api:preview_bulk_act": {"act": "owner.assign", "parameters": {}, "selection": {}},
            "api:start_bulk_act": {"act": "owner.assign", "parameters": {}, "selection": {}},
            "api:start_export": {"format": "csv"},
        },
    )


def lists_of(manager: User, customer: UUID) -> dict[str, int]:
    """A saved list, an act on many customers and a file, all the manager's."""
    actor = actor_for_user(manager)
    return {
        "view_id": save_view(ViewDraft("mine"), actor=actor),
        "bulk_id": start_bulk("owner.assign", {"owners": []}, Selection(ids=(customer,)), actor=actor),
        "export_id": start_export(ListAsked(), format="csv", columns=(), actor=actor),
    }


def make_organisation(department_id: int) -> UUID:
    organisation = make_customer("远恒智能科技有限公司", department_id=department_id)
    Customer.objects.filter(pk=organisation).update(kind="organisation")
    return organisation


def record_of(customer: UUID) -> UUID:
    return RecordCustomer.objects.get(customer_id=customer).record_id


def make_session(user: User) -> int:
    return UserSession.objects.create(user=user, ip="192.0.2.1", session_key=f"of-{user.pk}", user_agent="x").pk


def make_call(record: UUID) -> UUID:
    told = {"recording_url": "https://pbx.example/1.mp3"}
    at = timezone.now()
    return Event.objects.create(
        id=uuid4(), record_id=record, source_id=1, name="Call", occurred_at=at, received_at=at, properties=told
    ).pk


def make_tagged(record: UUID) -> str:
    tag = Tag.objects.create(slug="vip", label_en="VIP", label_zh="贵宾", tag_class="value")
    TagEntry.objects.create(tag=tag, record_id=record, source="manual")
    return tag.slug


def make_computed_attribute() -> str:
    kept = ComputedAttribute.objects.create(name="calls", label_en="", label_zh="", over="events", function="count")
    return kept.name


def make_dead_letter(source_id: int) -> int:
    new = inbox.NewMessage(source_id=source_id, kind="segment", message_id="m", payload=b"{}", shard_key="a")
    [appended] = inbox.append(current_connection(), [new])
    [message] = inbox.read_window(current_connection(), appended.shard, 0, 10)
    inbox.bury(current_connection(), message, "broken", "")
    return DeadLetter.objects.get().pk


def test_every_route_stands_in_the_table_and_nothing_else():
    routes, listed = {name for _, name, _ in every_route()}, {name for _, name, _ in TABLE}
    assert routes - listed == set(), "add a line to tests/govern/access_table.py for each method of these"
    assert listed - routes == set(), "these routes are gone: take their lines out"


@pytest.mark.parametrize(("method", "name", "expected"), TABLE, ids=[f"{method} {name}" for method, name, _ in TABLE])
def test_everybody_gets_in_where_the_table_says_so(world: World, method: str, name: str, expected: Expected):
    address = address_of(name, world.arguments)
    body = world.bodies.get(name, {})
    heard = []
    for client in world.callers:
        cookies = deepcopy(client.cookies)
        with transaction.atomic():
            heard.append(heard_in(call(client, method, name, address, body)))
            transaction.set_rollback(True)
        client.cookies = cookies
    assert dict(zip(WHO, heard, strict=True)) == dict(zip(WHO, expected, strict=True)), address


def address_of(name: str, arguments: dict[str, Any]) -> str:
    route, pattern = next((route, pattern) for route, one, pattern in every_route() if one == name)
    wanted = {*pattern.pattern.converters, *pattern.pattern.regex.groupindex, *re.findall(r"<(?:\w+:)?(\w+)>", route)}
    try:
        return reverse(name, kwargs={key: arguments[key] for key in wanted})
    except (KeyError, NoReverseMatch) as missing:
        raise AssertionError(f"give the world of this test what {name} needs: {missing}") from missing


def call(client: Client, method: str, name: str, address: str, body: Any) -> HttpResponse:
    if name == "api:upload_import":
        return client.post(address, {})
    if name.startswith("api"):
        data = b"" if method == "GET" else json.dumps(body).encode()
        return client.generic(method, address, data, content_type="application/json")
    return client.generic(method, address) if method == "GET" else client.post(address, body)


def heard_in(response: HttpResponse) -> str | int:
    """What the caller heard, in the words of the table."""
    if response.status_code in {301, 302, 303} and urlsplit(response["Location"]).path == reverse(LOGIN_PAGE):
        return LOGIN if "next=" in response["Location"] else IN
    if response.status_code in {401, 403, 404} or response.status_code >= 500:
        return response.status_code
    return IN


LOGIN_PAGE = "account_login"
