"""Alerts: they begin, last, are told, acknowledged, silenced, and end; and somebody notices when nobody watches."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, cast

import pytest
from apprise import NotifyType
from django.test import Client
from django.utils import timezone

from kehu.core import measures, outbound
from kehu.core.errors import InvalidInput, NotFound
from kehu.core.measures import Measure, Sample, register_measures
from kehu.core.outbound import OutboundRefused
from kehu.core.outward import only_outward
from kehu.operate.alerts import services
from kehu.operate.alerts.judging import Open, Rule, judge
from kehu.operate.alerts.services import Who
from kehu.operate.alerts.telling import MAX_ATTEMPTS, by_apprise, is_understood, tell_what_is_due
from kehu.operate.alerts.watching import alerter_age, forget_alerts, watch
from kehu.operate.models import Alert, AlertRoute, AlertRule, AlertTelling
from tests.callers import make_client
from tests.cast import NOON, make_user

WHO = Who(1, "Chen")
RULE = Rule(1, "m", is_above=True, threshold=5, lasts_for=timedelta(minutes=2))


class Gauge:
    """A measure whose figures a test sets, series by series."""

    def __init__(self) -> None:
        self.now: dict[str, float] = {}
        self.is_broken = False

    def read(self) -> list[Sample]:
        if self.is_broken:
            raise RuntimeError("cannot be read")
        return [Sample(value, (("source", series),)) for series, value in self.now.items()]


@pytest.fixture
def gauge(db: None, monkeypatch: pytest.MonkeyPatch) -> Gauge:
    monkeypatch.setattr(measures, "_measures", {})
    gauge = Gauge()
    register_measures(Measure("kehu_test", "A test", gauge.read))
    AlertRule.objects.all().update(is_enabled=False)
    return gauge


class Told(list[tuple[str, str]]):
    """Every message sent, as (address, title)."""

    works = True

    def __call__(self, address: str, title: str, body: str, kind: Any) -> bool:
        if self.works:
            self.append((address, title))
        return self.works


def make_rule(**fields: Any) -> AlertRule:
    given = {"name": "Too much", "measure": "kehu_test", "comparison": "above", "threshold": 5.0, **fields}
    return services.save_rule(None, **given)


def make_route(name: str = "duty", **fields: Any) -> int:
    return services.add_route(name=name, address=f"json://{name}.example.com", **fields)


def states() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("id").values_list("series", "state"))


def known(number: int, series: str, *, fired: bool, ago: timedelta) -> Open:
    return Open(number, series, fired, NOON - ago)


def test_what_lasts_fires_what_passes_is_forgotten_and_what_fired_ends():
    verdict = judge(
        RULE,
        {"new": 6, "well": 5, "lasts": 9, "short": 9},
        [
            known(1, "lasts", fired=False, ago=timedelta(minutes=3)),
            known(2, "short", fired=False, ago=timedelta(minutes=1)),
            known(3, "well", fired=True, ago=timedelta(hours=1)),
            known(4, "gone", fired=False, ago=timedelta(minutes=1)),
        ],
        NOON,
    )
    assert verdict.begin == {"new": 6}
    assert verdict.last == {1: 9, 2: 9}
    assert (verdict.fire, verdict.end, verdict.forget) == ((1,), (3,), (4,))


def test_what_cannot_be_measured_begins_and_ends_nothing():
    verdict = judge(RULE, None, [known(1, "a", fired=True, ago=timedelta(hours=1))], NOON)
    assert (dict(verdict.begin), verdict.fire, verdict.end, verdict.forget) == ({}, (), (), ())


def test_an_alert_begins_lasts_and_ends_and_both_ends_are_told_once(gauge: Gauge):
    make_rule()
    make_route()
    told = Told()
    gauge.now = {"shop": 7, "till": 1}
    assert watch()
    tell_what_is_due(told)
    gauge.now = {"shop": 9, "till": 1}
    watch()
    tell_what_is_due(told)
    assert states() == [("source=shop", "firing")]
    assert Alert.objects.get().worst_value == 9
    gauge.now = {"shop": 2, "till": 1}
    watch()
    watch()
    tell_what_is_due(told)
    assert states() == [("source=shop", "resolved")]
    assert [address for address, _ in told] == ["json://duty.example.com"] * 2
    assert [title.split("：")[0] for _, title in told] == ["告警", "已恢复"]


def test_each_series_has_an_alert_of_its_own_and_a_relapse_a_new_one(gauge: Gauge):
    make_rule()
    gauge.now = {"shop": 7, "till": 8}
    watch()
    gauge.now = {"till": 8}
    watch()
    gauge.now = {"shop": 7, "till": 8}
    watch()
    assert states() == [("source=shop", "resolved"), ("source=till", "firing"), ("source=shop", "firing")]


def test_a_rule_that_asks_for_time_waits_for_it(gauge: Gauge):
    make_rule(for_seconds=120)
    gauge.now = {"shop": 7}
    start = timezone.now()
    watch(start)
    assert states() == [("source=shop", "pending")]
    watch(start + timedelta(seconds=60))
    assert states() == [("source=shop", "pending")]
    watch(start + timedelta(seconds=120))
    assert states() == [("source=shop", "firing")]


def test_who_does_not_hear_the_severity_or_comes_later_is_not_told_at_once(gauge: Gauge):
    make_rule(severity="warning")
    make_route("first")
    make_route("critical-only", least_severity="critical")
    make_route("boss", after_minutes=15)
    told, start = Told(), timezone.now()
    gauge.now = {"shop": 7}
    watch(start)
    tell_what_is_due(told)
    assert [address for address, _ in told] == ["json://first.example.com"]
    watch(start + timedelta(minutes=16))
    told.clear()
    AlertTelling.objects.update(next_at=timezone.now())
    tell_what_is_due(told)
    assert [address for address, _ in told] == ["json://boss.example.com"], "nobody acknowledged"


def test_what_is_acknowledged_is_not_escalated_and_keeps_its_notes(gauge: Gauge):
    make_rule()
    make_route("boss", after_minutes=15)
    start = timezone.now()
    gauge.now = {"shop": 7}
    watch(start)
    alert = Alert.objects.get()
    services.acknowledge(alert.pk, by=WHO, text="the till is being restarted")
    watch(start + timedelta(minutes=16))
    assert not AlertTelling.objects.exists()
    services.resolve(alert.pk, by=WHO, text="done")
    assert [(note.what, note.text) for note in alert.notes.order_by("id")] == [
        ("acknowledged", "the till is being restarted"),
        ("resolved", "done"),
    ]
    with pytest.raises(NotFound):
        services.acknowledge(alert.pk, by=WHO)
    watch(start + timedelta(minutes=17))
    assert states() == [("source=shop", "resolved"), ("source=shop", "firing")], "it was not over"


def test_silence_keeps_messages_back_and_the_alert_in_sight(gauge: Gauge):
    rule, start = make_rule(), timezone.now()
    make_route()
    services.silence(rule_id=rule.pk, minutes=60, reason="maintenance", by=WHO)
    gauge.now = {"shop": 7}
    watch(start)
    assert states() == [("source=shop", "firing")]
    assert not AlertTelling.objects.exists()
    watch(start + timedelta(minutes=61))
    assert AlertTelling.objects.count() == 1, "afterwards it is told"


@pytest.mark.parametrize("minutes", [0, -5, 10**6])
def test_a_silence_lasts_between_a_minute_and_two_weeks(gauge: Gauge, minutes: int):
    with pytest.raises(InvalidInput):
        services.silence(rule_id=None, minutes=minutes, reason="r", by=WHO)


def test_a_message_that_does_not_get_through_is_tried_again_and_said_so(gauge: Gauge):
    make_rule()
    make_route()
    told = Told()
    told.works = False
    gauge.now = {"shop": 7}
    watch()
    for _ in range(MAX_ATTEMPTS + 3):
        AlertTelling.objects.update(next_at=timezone.now())
        assert tell_what_is_due(told) == 0
    assert AlertTelling.objects.get().attempts == MAX_ATTEMPTS
    assert AlertRoute.objects.get().last_error != ""


def test_a_measure_that_breaks_and_a_rule_that_is_switched_off(gauge: Gauge):
    rule = make_rule()
    gauge.now = {"shop": 7}
    watch()
    gauge.is_broken = True
    watch()
    assert states() == [("source=shop", "firing")], "it is not over because nobody can see"
    services.save_rule(rule.pk, is_enabled=False)
    watch()
    assert states() == [("source=shop", "resolved")]


def test_the_alerter_leaves_a_heartbeat(gauge: Gauge):
    assert alerter_age() is None
    moment: datetime = timezone.now() - timedelta(minutes=7)
    watch(moment)
    age = alerter_age()
    assert age is not None
    assert age >= timedelta(minutes=7)


def test_shipped_rules_measure_what_there_is_and_watch_the_lag(db: None):
    shipped = {rule.measure: rule for rule in AlertRule.objects.filter(is_shipped=True)}
    assert shipped.keys() <= {measure.name for measure in measures.known_measures()}
    assert (shipped["kehu_lag_seconds"].threshold, shipped["kehu_lag_seconds"].is_enabled) == (300, True)
    assert watch()
    assert forget_alerts() == 0


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("mailto://user:pass@example.com", True),
        ("wecombot://botkey", True),
        ("dingtalk://token", True),
        ("feishu://token", True),
        ("slack://TokenA/TokenB/TokenC", True),
        ("json://example.com", True),
        ("nonsense", False),
        ("", False),
        ("macosx://", False),
        ("syslog://", False),
        ("file:///etc/passwd", False),
        ("x" * 2000, False),
    ],
)
def test_addresses_are_checked_and_sealed(db: None, address: str, is_taken: bool):
    if is_taken:
        assert is_understood(address)
        services.add_route(name="r", address=address)
        assert address not in AlertRoute.objects.get().address
    else:
        with pytest.raises(InvalidInput):
            services.add_route(name="r", address=address)


class Listener(HTTPServer):
    """Counts who connects, and leads on to itself."""

    def __init__(self) -> None:
        self.calls = 0
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        cast(Listener, self.server).calls += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "address", ["json://127.0.0.1:{port}", "json://localhost:{port}/x", "form://[::ffff:127.0.0.1]:{port}",
                "mailto://a:b@x.example?smtp=127.0.0.1&port={port}", "rsyslog://127.0.0.1:{port}"]
)  # fmt: skip
def test_an_alert_never_reaches_inside_by_a_receivers_own_library(listener: Listener, address: str) -> None:
    try:
        told = by_apprise(address.format(port=listener.server_port), "t", "b", NotifyType.INFO)
    except OutboundRefused:
        told = False
    assert (told, listener.calls) == (False, 0)


def test_a_host_the_administrator_let_through_hears_of_alerts(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "config", replace(outbound.config, outbound_allow=frozenset({"localhost"})))
    assert by_apprise(f"json://localhost:{listener.server_port}", "t", "b", NotifyType.INFO)
    assert listener.calls == 1
    with pytest.raises(OutboundRefused), only_outward():
        subprocess.run(["true"], check=True)


def test_a_refused_route_says_why(gauge: Gauge) -> None:
    make_rule()
    services.add_route(name="inside", address="json://127.0.0.1:9")
    gauge.now = {"shop": 7}
    watch()
    assert tell_what_is_due() == 0
    assert "127.0.0.1" in AlertRoute.objects.get().last_error


def signed_in(role: str) -> Client:
    client = make_client()
    client.force_login(make_user(role, language="en"))
    return client


def test_the_page_shows_what_stands_and_a_steward_acknowledges_it(gauge: Gauge):
    make_rule()
    gauge.now = {"shop": 7}
    client = signed_in("steward")
    assert "The alerter has not looked" in client.get("/operate/alerts").content.decode()
    watch()
    page = client.get("/operate/alerts").content.decode()
    assert "Too much" in page
    assert "source=shop" in page
    alert = Alert.objects.get()
    assert client.post(f"/operate/alerts/{alert.pk}/acknowledge", {"text": "<b>on it</b>"}).status_code == 302
    page = client.get("/operate/alerts").content.decode()
    assert "&lt;b&gt;on it&lt;/b&gt;" in page
    assert client.post("/operate/alerts/999999/resolve").status_code == 404


def test_an_administrator_sets_rules_routes_and_silences_by_page(gauge: Gauge):
    client = signed_in("system_administrator")
    rule = {
        "name": "R", "measure": "kehu_test", "comparison": "below", "threshold": "2", "for_seconds": "0",
        "severity": "info", "is_enabled": "1",
    }  # fmt: skip
    assert client.post("/operate/alerts/rules/new", rule).status_code == 302
    made = AlertRule.objects.get(name="R")
    assert client.post(f"/operate/alerts/rules/{made.pk}", rule | {"threshold": "3"}).status_code == 302
    assert AlertRule.objects.get(name="R").threshold == 3
    assert client.post("/operate/alerts/rules/new", rule | {"measure": "kehu_nothing"}).status_code == 422
    assert client.post("/operate/alerts/rules/new", rule | {"threshold": "x"}).status_code == 422
    route = {"name": "d", "address": "json://example.com", "least_severity": "info", "after_minutes": "0"}
    assert client.post("/operate/alerts/routes/new", route).status_code == 302
    assert client.post("/operate/alerts/routes/new", route | {"address": "what?"}).status_code == 422
    assert "json://example.com" not in client.get("/operate/alerts").content.decode()
    silence = {"rule": str(made.pk), "minutes": "30", "reason": "because"}
    assert client.post("/operate/alerts/silence", silence).status_code == 302
    for hostile in ({"minutes": "9" * 50}, {"minutes": "-1"}, {"minutes": "x"}, {}):
        assert client.post("/operate/alerts/silence", hostile).status_code == 302
    assert client.post("/operate/alerts/silence", silence | {"rule": "99999999"}).status_code == 404
    assert signed_in("steward").post("/operate/alerts/silence", silence).status_code == 403
