"""The timeline: told in words, floods folded, walked both ways, searched, found by its address, let out as a file."""

import csv
import io
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import translation

from kehu.core.database import SetCursor
from kehu.core.errors import InvalidInput, NotFound
from kehu.core.ids import order_id
from kehu.govern.access import SYSTEM
from kehu.govern.models import AuditEntry
from kehu.profile.models import Event, Order, OrderLine
from kehu.profile.queries.lookup import founding_record
from kehu.profile.queries.timeline import (
    TimelineAsked,
    TimelineRow,
    timeline_file,
    timeline_page,
    timeline_row,
    timeline_slice,
)
from kehu.profile.tellings import SHIPPED, Telling, may_fold, register, tell, tell_flood, telling_of
from kehu.profile.timeline.asked import Position
from kehu.profile.timeline.files import files_of
from kehu.profile.timeline.folding import fold
from tests.callers import make_client
from tests.cast import NOON, make_actor, make_customer, make_department, make_user


def happen(
    record: UUID, event: str, at: datetime, kind: str = "behaviour", source_id: int = 1, /, **properties: object
) -> UUID:
    return Event.objects.create(
        id=uuid4(), record_id=record, source_id=source_id, name=event, kind=kind, occurred_at=at, received_at=at,
        properties=properties,
    ).pk  # fmt: skip


@pytest.fixture
def customer(db) -> UUID:
    return make_customer("张伟")


@pytest.fixture
def record(customer) -> UUID:
    return founding_record(customer)


def browse(record: UUID, count: int, start: datetime = NOON, every: timedelta = timedelta(minutes=2)) -> None:
    for number in range(count):
        happen(record, "Product Viewed", start + number * every, name=f"P{number}")


# -- tellings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "properties", "english", "chinese"),
    [
        ("Product Viewed", {"name": "Pram"}, "Viewed Pram", "浏览 Pram"),
        ("product_added", {"product": {"name": "Pram"}}, "Put into the cart Pram", "加入购物车 Pram"),
        ("Viewed Docs Index Page", {"title": "Docs"}, "Viewed a page Docs", "浏览页面 Docs"),
        ("Email Link Clicked", {"link_url": "x.example/a"}, "Clicked in a mail x.example/a", "点击邮件 x.example/a"),
        ("Call Missed", {}, "Missed call", "未接来电"),
        ("Ticket Opened", {"number": 4711}, "Ticket 4711", "工单 4711"),
        ("WeChat Followed", {}, "Followed the account", "关注公众号"),
        ("Something New", {"name": "x"}, "Something New x", "Something New x"),
    ],
)
def test_an_event_is_told_in_the_words_of_the_reader(name, properties, english, chinese):
    for language, words in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert str(tell(name, "behaviour", properties)) == words


def test_every_shipped_telling_has_chinese_words():
    with translation.override("zh-hans"):
        told = {
            str(text)
            for _, telling in SHIPPED
            for text in (telling.title, (telling.many or "") and telling.many % {"n": 2})
            if text
        }
    assert [text for text in told if text.isascii()] == []


def test_state_duration_sum_and_quote_come_out_of_the_properties():
    told = tell("Call Received", "contact", {"status": "no-answer", "seconds": "205", "text": "hello"})
    with translation.override("zh-hans"):
        assert str(told.state) == "无人接听"
    assert (told.seconds, told.quote) == (205.0, "hello")
    paid = tell("Order Paid", "trade", {"order_id": "A1", "revenue": 12.5, "currency": "eur"})
    assert (paid.about, paid.amount, paid.currency) == ("A1", 12.5, "EUR")


def test_rooms_add_their_own_tellings_but_never_against_another():
    lesson = Telling("calendar", "Booked a lesson", about=("course",))
    register("Lesson Booked", telling=lesson)
    register("Lesson Booked", telling=lesson)
    assert str(tell("lesson_booked", "behaviour", {"course": "Piano"})) == "Booked a lesson Piano"
    with pytest.raises(ValueError, match="two ways"):
        register("LESSON BOOKED", telling=Telling("bolt", "Something else"))


def test_calls_and_tickets_never_disappear_into_a_flood():
    assert may_fold("Product Viewed", "behaviour")
    assert not any(may_fold(name, "service") for name in ("Call Received", "Ticket Opened", "Complaint"))
    assert telling_of("Anything", "service").tone == "service"


# -- folding --------------------------------------------------------------------------------------------------------


def row(name: str, minute: float, source: int = 1) -> TimelineRow:
    return TimelineRow(str(uuid4()), "behaviour", name, NOON - timedelta(minutes=minute), source, uuid4(), {})


def folded(*rows: TimelineRow, at_most: int = 30) -> list[tuple[str, int]]:
    return [(one.first.name, len(one.rows)) for one in fold(rows, lambda r: r.name != "Call", at_most)[0]]


def test_a_visit_is_folded_by_what_was_done_even_when_it_alternates():
    visit = [row("View" if minute % 2 else "Page", minute) for minute in range(10)]
    assert folded(*visit) == [("Page", 5), ("View", 5)]
    assert folded(row("View", 0), row("View", 1)) == [("View", 1), ("View", 1)]


def test_a_pause_another_source_or_a_call_ends_a_visit():
    assert folded(*(row("View", 40 * n) for n in range(4))) == [("View", 1)] * 4
    assert folded(*(row("View", n, source=n % 2) for n in range(4))) == [("View", 1)] * 4
    split = [row("View", 0), row("View", 1), row("Call", 2), row("View", 3), row("View", 4)]
    assert folded(*split) == [("View", 1), ("View", 1), ("Call", 1), ("View", 1), ("View", 1)]


def test_a_page_ends_between_visits_and_says_how_many_rows_it_took():
    rows = [row("A", 0), row("B", 1), row("A", 100), row("B", 101), row("A", 200)]
    folds, taken = fold(rows, lambda _: True, 3)
    assert (len(folds), taken) == (2, 2)
    assert fold([], lambda _: True, 3) == ([], 0)


def test_a_flood_says_how_many_and_names_the_first_few():
    some = [{"name": "Pram"}, {"name": "Seat"}, {"name": "Pram"}]
    with translation.override("en"):
        assert str(tell_flood("Product Viewed", "behaviour", 14, some)) == "Viewed 14 products Pram · Seat"


# -- reading --------------------------------------------------------------------------------------------------------


def walk_down(customer: UUID, asked: TimelineAsked, limit: int) -> list[str]:
    seen: list[str] = []
    before: Position | None = None
    while True:
        page = timeline_slice(SYSTEM, customer, asked, before=before, limit=limit)
        seen += [one.id for fold_ in page.folds for one in fold_.rows]
        if page.older is None:
            return seen
        before = page.older


def test_down_and_up_again_shows_every_row_once(customer, record):
    browse(record, 9)
    for number in range(7):
        happen(record, "Call Received", NOON - timedelta(days=number), "contact")
    every = [one.id for one in timeline_page(SYSTEM, customer, limit=100).rows]
    assert len(every) == 16
    assert sorted(walk_down(customer, TimelineAsked(), 2)) == sorted(every)

    after, seen = Position(NOON - timedelta(days=30), uuid4()), []
    while after is not None:
        page = timeline_slice(SYSTEM, customer, TimelineAsked(), after=after, limit=4)
        seen = [one.id for fold_ in page.folds for one in fold_.rows] + seen
        after = page.newer
    assert sorted(seen) == sorted(every)


def test_rows_of_the_same_moment_are_neither_lost_nor_doubled(customer, record):
    for _ in range(7):
        happen(record, "Call Received", NOON, "contact")
    seen = walk_down(customer, TimelineAsked(), 3)
    assert len(seen) == len(set(seen)) == 7


def test_filters_narrow_by_kind_source_and_time(customer, record):
    happen(record, "Call Received", NOON, "contact", 2)
    happen(record, "Email Opened", NOON - timedelta(days=2), "marketing")

    def names(**asked):
        return [one.name for one in timeline_page(SYSTEM, customer, asked=TimelineAsked(**asked)).rows]

    assert names(kind="contact") == names(source_id=2) == names(since=NOON) == ["Call Received"]
    assert names(until=NOON - timedelta(days=1)) == names(name="Email Opened") == ["Email Opened"]
    with pytest.raises(InvalidInput):
        TimelineAsked("everything")


def test_a_search_finds_words_of_the_telling_the_properties_and_the_goods(customer, record):
    happen(record, "Call Received", NOON, "contact", text="Where is my pram?")
    order = order_id("shop", "SO-1")
    Order.objects.create(
        id=order, namespace="shop", number="SO-1", record_id=record, status="paid", placed_at=NOON, currency="CNY",
        total=1, paid=1, refunded=0, lineage={"total": 1},
    )  # fmt: skip
    OrderLine.objects.create(order_id=order, key="1", name="雨罩", quantity=1, unit_price=1, amount=1)

    def found(text):
        return [one.name for one in timeline_page(SYSTEM, customer, asked=TimelineAsked(text=text)).rows]

    with translation.override("zh-hans"):
        assert found("来电 PRAM") == found("pram") == ["Call Received"]
        assert found("雨罩") == found("so-1") == ["Order"]
        assert found("100%") == found("_") == found('"') == found("\\") == []


def test_a_search_is_no_way_around_a_mask(db):
    """Whoever sees a phone masked does not learn by searching that it is there."""
    customer = make_customer(event={"topic": "回电 13800138000"})
    asked = TimelineAsked(text="13800138000")
    assert len(timeline_page(SYSTEM, customer, asked=asked).rows) == 1
    assert timeline_page(make_actor("rep"), customer, asked=asked).rows == []


def test_the_statements_of_a_page_do_not_grow_with_the_history(customer, record, monkeypatch):
    asked: list[object] = []
    execute = SetCursor.execute
    monkeypatch.setattr(SetCursor, "execute", lambda self, *args: asked.append(args) or execute(self, *args))

    def statements() -> int:
        asked.clear()
        timeline_slice(SYSTEM, customer, TimelineAsked())
        return len(asked)

    browse(record, 5)
    few = statements()
    browse(record, 600, NOON - timedelta(days=30), timedelta(minutes=31))
    assert statements() == few == 4


# -- one row, and what it carries ------------------------------------------------------------------------------------


def test_the_address_of_a_row_leads_to_whoever_the_customer_is_today(customer, record):
    event = happen(record, "Call Received", NOON, "contact")
    assert timeline_row(SYSTEM, event)[0] == customer
    assert timeline_row(SYSTEM, event)[1].id == str(event)
    for nothing in (uuid4(), UUID(int=1)):
        with pytest.raises(NotFound):
            timeline_row(SYSTEM, nothing)


def test_a_row_of_another_department_is_not_there(db):
    east, west = make_department("East"), make_department("West")
    customer = make_customer(department_id=east.pk, event={"recording_url": "https://pbx.example/1.mp3"})
    event = Event.objects.get(record_id=founding_record(customer)).pk
    assert timeline_file(make_actor("rep", east), event, 0)[1].url == "https://pbx.example/1.mp3"
    stranger = make_actor("rep", west)
    for ask in (lambda: timeline_row(stranger, event), lambda: timeline_file(stranger, event, 0)):
        with pytest.raises(NotFound):
            ask()


def test_recordings_and_attachments_are_links_into_the_web_and_nothing_else():
    found = files_of(
        {
            "RecordingUrl": "https://pbx.example/a/20260301.mp3",
            "attachments": [{"url": "https://f.example/x", "name": "合同.pdf", "type": "application/pdf"}, "http://f.example/p.png"],
            "image_url": "https://shop.example/product.jpg",
            "file_url": "javascript:alert(1)",
            "voice_url": "https://user:secret@pbx.example/1.mp3",
            "transcript_url": "https://pbx.example/138****8000.txt",
        }
    )  # fmt: skip
    assert [(one.kind, one.name, one.host) for one in found] == [
        ("audio", "20260301.mp3", "pbx.example"),
        ("document", "合同.pdf", "f.example"),
        ("image", "p.png", "f.example"),
    ]


# -- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(db):
    client = make_client()
    client.force_login(make_user("administrator"))
    return client


def test_the_page_folds_a_flood_and_opens_it_again(client, customer, record):
    browse(record, 14)
    page = client.get(f"/customers/{customer}").content.decode()
    assert page.count("timeline__row") == 1
    assert "浏览了 14 件商品" in page
    flood = client.get(
        f"/customers/{customer}/timeline",
        {"name": "Product Viewed", "since": NOON.isoformat(), "until": (NOON + timedelta(hours=1)).isoformat()},
        headers={"HX-Request": "true"},
    )
    assert flood.content.decode().count("timeline__row") == 14


def test_the_page_begins_at_a_day_and_goes_on_both_ways(client, customer, record):
    for day in range(5):
        happen(record, "Call Received", NOON - timedelta(days=day), "contact", subject=f"day {day}")
    page = client.get(f"/customers/{customer}/timeline", {"date": "2026-02-27"}).content.decode()
    assert [f"day {day}" in page for day in range(5)] == [False, False, True, True, True]
    assert "to=newer" in page


def test_a_row_is_marked_where_its_address_leads(client, customer, record):
    event = happen(record, "Call Received", NOON, "contact")
    led = client.get(f"/customers/{uuid4()}/timeline/{event}")
    assert led["Location"] == f"/customers/{customer}/timeline?event={event}#row-{event}"
    assert "is-marked" in client.get(led["Location"]).content.decode()


def test_opening_a_recording_leads_on_and_is_written_down(client, customer, record):
    event = happen(record, "Call Received", NOON, "contact", recording_url="https://pbx.example/1.mp3")
    answer = client.get(f"/customers/{customer}/timeline/{event}/files/0")
    assert (answer.status_code, answer["Location"]) == (302, "https://pbx.example/1.mp3")
    assert answer["Referrer-Policy"] == "no-referrer"
    noted = AuditEntry.objects.get(action="timeline.file_opened")
    assert noted.after["event"] == str(event)
    assert client.get(f"/customers/{customer}/timeline/{event}/files/1").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "x" * 9_000}, 422),
        ({"at": "yesterday", "id": "1"}, 422),
        ({"at": "9999-12-31T23:59:59+00:00", "id": str(UUID(int=5))}, 422),
        ({"q": "\x00%_\\'; DROP TABLE x"}, 200),
        ({"date": "0000-99-99", "source": "-1", "event": "nobody"}, 200),
        ({"since": "1000-01-01T00:00:00+00:00", "name": "\x00"}, 200),
    ],
)
def test_an_address_typed_by_hand_breaks_nothing(client, customer, asked, status):
    assert client.get(f"/customers/{customer}/timeline", asked).status_code == status


def export(client, customer, **said):
    return client.post(f"/customers/{customer}/timeline/export", {"format": "csv", "purpose": "service", **said})


def test_a_file_holds_what_the_filters_show_in_words_and_is_in_the_trail(client, customer, record):
    browse(record, 3)
    happen(record, "Call Received", NOON, "contact", text='=HYPERLINK("x")', status="busy")
    answer = export(client, customer, kind="contact", reason="asked for")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(lines) == 2
    assert lines[1][2:4] == ["来电", "占线"]
    assert AuditEntry.objects.get(action="timeline.exported").after["rows"] == 1
    assert b"".join(export(client, customer, format="xlsx").streaming_content).startswith(b"PK")


def test_a_file_is_refused_to_whoever_may_not_export_and_for_what_nobody_agreed_to(client, customer):
    assert export(client, customer, purpose="marketing").status_code == 422
    assert export(client, customer, format="exe").status_code == 422
    other = make_client()
    other.force_login(make_user("agent"))
    assert export(other, customer).status_code == 403


def test_a_file_holds_no_more_than_its_maker_may_see(db):
    customer = make_customer(event={"topic": "回电 13800138000", "email": "zhang.wei@example.com"})
    client = make_client()
    client.force_login(make_user("marketer"))
    text = b"".join(export(client, customer).streaming_content).decode("utf-8-sig")
    assert "138****8000" in text
    assert "13800138000" not in text
    assert "zhang.wei@example.com" not in text
