"""The list of customers on the page: search, filter, saved lists, acts on the chosen, files, a look at one."""

import json
import re
from decimal import Decimal
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from kehu.core import jobs
from kehu.core.database import current_connection, set_statements
from kehu.govern.access import SYSTEM
from kehu.govern.models import User
from kehu.profile.figures.definitions import Definition
from kehu.profile.models import BulkAct, Customer, Export, SavedView
from kehu.profile.tags.services import save_tag, tag_customer
from kehu.web import live
from tests.cast import make_customer, make_department, make_user
from tests.profile.figures_cast import buy, define, happen, record_of, work_all

SHANGHAI = json.dumps({"conditions": [{"field": "city", "op": "is", "values": ["上海"]}]}, ensure_ascii=False)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def east(db):
    live.forget()
    return make_department("East")


@pytest.fixture
def people(east) -> list[str]:
    make_customer("张伟", city="上海", phone="+8613800138000")
    make_customer("李娜", city="北京")
    return ["张伟", "李娜"]


def client_of(user: User) -> Client:
    user.language = "en"
    user.set_unusable_password()
    user.save()
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def manager(east) -> Client:
    return client_of(make_user("manager", east))


def page_of(client: Client, address: str, **more) -> str:
    response = client.get(address, **more)
    assert response.status_code == 200, response.content[:300]
    return unescape(response.content.decode())


def test_the_list_shows_a_filter_in_words_and_the_way_without_it(people, manager):
    page = page_of(manager, f"/customers?filter={quote(SHANGHAI)}")
    assert "张伟" in page
    assert "李娜" not in page
    assert re.search(r"(City is|城市 是) 上海", page)
    assert "李娜" in page_of(manager, "/customers")


def test_links_with_the_old_filters_still_work(people, manager):
    make_customer("王芳", source_id=7)
    page = page_of(manager, "/customers?source=7")
    assert "王芳" in page
    assert "张伟" not in page


def test_columns_and_order_are_as_the_address_says(people, manager):
    page = page_of(manager, "/customers?columns=attribute.city&sort=name")
    assert page.index("张伟") > page.index("李娜") or page.index("李娜") > page.index("张伟")
    assert 'aria-sort="ascending"' in page
    assert page.count("<th ") == 4  # tick, name, city, peek


def test_the_builder_adds_takes_away_and_applies_conditions(people, manager):
    asked = "match-0=all&in-0=0&field-0=city&op-0=is&value-0=上海"
    builder = page_of(manager, f"/customers/filter?{asked}&add=0", headers=HTMX)
    assert builder.count('name="field-') == 2
    assert builder.count('value="上海"') == 1
    assert page_of(manager, f"/customers/filter?{asked}&add_group=1", headers=HTMX).count('name="match-') == 2
    assert 'value="上海"' not in page_of(manager, f"/customers/filter?{asked}&remove=0", headers=HTMX)
    applied = manager.get(f"/customers/filter?{asked}&apply=1")
    assert applied.status_code == 302
    assert "李娜" not in page_of(manager, applied["Location"])


def test_the_builder_offers_nothing_one_may_not_ask(people, east):
    builder = page_of(client_of(make_user("agent", east)), "/customers/filter?match-0=all&field-0=phone&op-0=starts")
    operators = builder[builder.index('name="op-0"') :]
    assert 'value="is"' in operators
    assert 'value="starts"' not in operators
    assert 'value="id_number"' not in builder


def test_what_may_not_be_asked_is_told_in_place_of_the_list(people, east):
    secret = json.dumps({"conditions": [{"field": "phone", "op": "contains", "values": ["138"]}]})
    page = page_of(client_of(make_user("agent", east)), f"/customers?filter={quote(secret)}")
    assert "张伟" not in page
    assert 'role="alert"' in page


ODD = ["[]", "{", '{"match":"x"}', "\x00", "x" * 5000, '{"groups":[' * 3000]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("path", ["/customers", "/customers/filter", "/customers/views", "/customers/export"])
def test_odd_addresses_are_refused_and_never_break(people, manager, path, text):
    for name in ("filter", "sort", "columns", "view", "after", "match-0", "field-0", "in-0", "add"):
        response = manager.get(f"{path}?{name}={quote(text)}&id={quote(text)}&field-1=x&match-0=all")
        assert response.status_code < 500, (name, response.content[:200])


def test_a_list_is_saved_found_again_and_deleted(people, manager):
    form = {"filter": SHANGHAI, "name": "上海客户", "audience": "private"}
    saved = manager.post("/customers/views", form)
    assert saved.status_code == 302
    page = page_of(manager, saved["Location"])
    assert "上海客户" in page
    assert "李娜" not in page
    assert manager.post("/customers/views", form).status_code == 422
    manager.post(f"/customers/views/{SavedView.objects.get().pk}/delete")
    assert "上海客户" not in page_of(manager, "/customers").split("toast")[0]


def test_the_chosen_are_given_to_somebody_and_taken_back(people, manager, east):
    rep = make_user("rep", east)
    one = Customer.objects.get(display_name="张伟")
    assert "张伟" in page_of(manager, f"/customers/bulk?id={one.pk}", headers=HTMX)
    started = manager.post("/customers/bulk", {"id": str(one.pk), "to": "owner", "owner": rep.pk, "reason": "east"})
    act = BulkAct.objects.get()
    jobs.run_job_here(act.job_id)
    assert Customer.objects.get(pk=one.pk).owner_id == rep.pk
    assert "undo" in page_of(manager, started["Location"])
    manager.post(f"/customers/bulk/{act.pk}/undo")
    act.refresh_from_db()
    jobs.run_job_here(act.undo_job_id)
    assert Customer.objects.get(pk=one.pk).owner_id is None


@pytest.mark.parametrize("form", [{"to": "owner", "owner": "9" * 6000}, {"to": "x"}, {"to": "department"}, {}])
def test_an_act_without_a_sensible_choice_is_refused(people, manager, form):
    one = Customer.objects.get(display_name="张伟")
    assert manager.post("/customers/bulk", {"id": str(one.pk), **form}).status_code == 422
    assert manager.get("/customers/bulk?id=x").status_code == 422
    assert not BulkAct.objects.exists()


def test_a_file_is_made_and_fetched(people, manager, east):
    started = manager.post("/customers/export", {"format": "csv", "filter": SHANGHAI})
    made = Export.objects.get()
    jobs.run_job_here(made.job_id)
    assert "download=1" in page_of(manager, started["Location"])
    response = manager.get(f"{started['Location']}?download=1")
    assert "attachment" in response["Content-Disposition"]
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "张伟" in text
    assert "李娜" not in text
    assert manager.post("/customers/export", {"format": "exe"}).status_code == 422
    other = client_of(make_user("manager", east))
    assert other.get(f"{started['Location']}?download=1").status_code == 404


def test_a_look_at_one_is_masked_like_its_page(people, east):
    one = Customer.objects.get(display_name="张伟")
    page = page_of(client_of(make_user("agent", east)), f"/customers/{one.pk}/peek", headers=HTMX)
    assert "138****8000" in page
    assert "13800138000" not in page


def test_columns_of_tags_figures_and_preferences_are_told_to_who_may_know(people, manager, east):
    customer = make_customer("王芳", external_id="fond")
    define(Definition("bought", "orders", "count"))
    save_tag("vip", actor=SYSTEM, label_en="VIP", label_zh="贵宾", tag_class="value")
    tag_customer(customer, "vip", actor=SYSTEM, value="13800138000")
    with set_statements(current_connection()) as connection:
        buy(connection, [(record_of(customer), "1", timezone.now(), Decimal(5))])
        seen = (record_of(customer), "Product Viewed", timezone.now(), {"name": "奶瓶"})
        happen(connection, [seen, seen])
        work_all(connection, timezone.now())
    address = "/customers?columns=tags,computed.bought,preference.product,preference.hours,lifecycle,rfm"
    page = page_of(client_of(make_user("agent")), address)
    for told in ("VIP: 138****8000", "奶瓶", "Active"):
        assert told in page, told
    partner = page_of(client_of(make_user("partner", make_department("P"))), address)
    assert "VIP: " not in partner
    assert "奶瓶" not in partner
