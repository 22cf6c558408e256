"""The website's tracking stream: Segment messages, one a line, as the libraries send them.

Page and track calls come from the browser; identify calls come from the shop's own backend after a login,
because a browser may not claim somebody's phone. There is no `sentAt`: this is a stored stream, and a
collector would otherwise move every event to today.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from kehu.demo.error_rates import ORDERS_ALSO_SEEN_ON_THE_WEB, RESENT_MESSAGES
from kehu.demo.orders import Order
from kehu.demo.records import Record
from kehu.demo.sources.web_messages import Browser, Visit, order_completed
from kehu.demo.sources.writing import Company, is_broken, write_json_lines

FILE = "web/messages.jsonl"
VISITORS_PER_PERSON = 0.15  # who never say who they are
PEOPLE_PER_TABLET = 4000  # tablets in the stores that one customer after another logs in at
CUSTOMERS_PER_TABLET = 12


@dataclass(slots=True)
class WebTruth:
    """message id → person id ("" where nobody can know), anonymous id → person id ("" for shared or
    unknown).
    """

    people_by_message: dict[str, str] = field(default_factory=dict)
    people_by_browser: dict[str, str] = field(default_factory=dict)


def write(company: Company, out: Path) -> tuple[int, WebTruth]:
    rng = company.rng("web")
    stream = _Stream(rng, company)
    for record in company.records["web"]:
        stream.follow(record)
    people = len({r.person.id for records in company.records.values() for r in records})
    stream.watch_visitors(round(people * VISITORS_PER_PERSON))
    stream.watch_tablets(max(1, people // PEOPLE_PER_TABLET))
    stream.messages.sort(key=lambda m: (m["timestamp"], m["messageId"]))
    count = write_json_lines(out / FILE, _with_accidents(stream.messages, rng))
    return count, stream.truth


def _with_accidents(messages: list[dict[str, Any]], rng: Random) -> list[dict[str, Any] | bytes]:
    lines: list[dict[str, Any] | bytes] = []
    for message in messages:
        lines.append(message)
        if rng.random() < RESENT_MESSAGES:
            lines.append(message)
        if is_broken(rng):
            lines.append(_broken(message, rng))
    return lines


def _broken(message: dict[str, Any], rng: Random) -> dict[str, Any]:
    """From a home-made snippet: cookies off, and so nobody's; or a track call that forgets to say what happened."""
    copy = message | {"messageId": message["messageId"] + "-x"}
    if rng.random() < 0.5:
        return copy | {"userId": None, "anonymousId": None}
    return copy | {"type": "track", "event": ""}


class _Stream:
    def __init__(self, rng: Random, company: Company) -> None:
        self.rng, self.company = rng, company
        self.messages: list[dict[str, Any]] = []
        self.truth = WebTruth()
        self._orders: dict[str, list[Order]] = {}
        for order in company.orders["shop"]:
            self._orders.setdefault(order.person.id, []).append(order)

    def follow(self, record: Record) -> None:
        """One account from its first visit on: anonymous at first, known after the login."""
        rng = self.rng
        browser = self._new_browser(record.person.id)
        visit = self._visit(browser, record.created_at - timedelta(minutes=rng.randint(2, 30)), record.person.id)
        if rng.random() < 0.65:
            visit.browse(rng.randint(1, 3))
        visit.log_in(record)
        visit.shop(rng.randint(1, 2))
        for _ in range(_later_visits(rng, record)):
            self._later_visit(record, browser)
        for order in self._orders.pop(record.person.id, ()):
            if order.ordered_at > record.created_at and rng.random() < ORDERS_ALSO_SEEN_ON_THE_WEB:
                order.on_web = True
                visit = self._visit(browser, order.ordered_at, record.person.id, _user_id(record))
                visit.track("Order Completed", order_completed(order))

    def _later_visit(self, record: Record, browser: Browser) -> None:
        rng = self.rng
        seconds = (self.company.now - record.created_at).total_seconds() * rng.random()
        if record.person.active_to < 1.0:
            seconds = min(seconds, 40 * 86400 * rng.random())
        if rng.random() < 0.15:
            browser = self._new_browser(record.person.id)
        started_at = record.created_at + timedelta(seconds=int(seconds))
        visit = self._visit(browser, started_at, record.person.id)
        if rng.random() < 0.3:
            visit.browse(rng.randint(1, 2))
        visit.log_in(record, full=False)
        visit.shop(rng.randint(8, 14) if record.person.is_heavy else rng.randint(1, 2))

    def watch_visitors(self, count: int) -> None:
        for _ in range(count):
            visit = self._visit(self._new_browser(""), self._any_moment(), "")
            visit.browse(self.rng.randint(1, 2))

    def watch_tablets(self, count: int) -> None:
        """A tablet in a store: A logs in, shops and logs out, somebody looks around, B logs in."""
        accounts = [r for r in self.company.records["web"] if r.person.active_to == 1.0]
        for _ in range(count if accounts else 0):
            tablet = self._new_browser("")
            moment = self.company.now - timedelta(days=self.rng.randint(20, 200))
            for record in self.rng.sample(accounts, min(CUSTOMERS_PER_TABLET, len(accounts))):
                moment = max(moment, record.created_at) + timedelta(minutes=self.rng.randint(5, 300))
                if moment > self.company.now - timedelta(hours=1):
                    break
                visit = self._visit(tablet, moment, record.person.id)
                visit.log_in(record, full=False)
                visit.shop(self.rng.randint(1, 3))
                visit.log_out()
                passer_by = self._visit(tablet, visit.now + timedelta(minutes=1), "")
                passer_by.browse(1)
                moment = passer_by.now

    def _visit(self, browser: Browser, started_at: datetime, person_id: str, user_id: str | None = None) -> Visit:
        return Visit(self.rng, browser, started_at, user_id, self.messages, self.truth.people_by_message, person_id)

    def _new_browser(self, person_id: str) -> Browser:
        browser = Browser.draw(self.rng)
        self.truth.people_by_browser[browser.anonymous_id] = person_id
        return browser

    def _any_moment(self) -> datetime:
        return self.company.now - timedelta(seconds=self.rng.randint(3600, 900 * 86400))


def _later_visits(rng: Random, record: Record) -> int:
    if record.person.is_heavy:
        return 90
    count = 0
    while count < 6 and rng.random() < 0.2:
        count += 1
    return count


def _user_id(record: Record) -> str:
    return record.key.removeprefix("user:")
