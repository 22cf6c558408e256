"""What the measurements are made of: traffic with new and heavy customers, doubles planted in a file."""

import csv
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from kehu.bench.importing import DOUBLE_SHARE, HEADINGS, write_file
from kehu.bench.people import bench_person
from kehu.bench.traffic import HEAVY_CUSTOMERS, HEAVY_EVENTS, mixed_traffic
from kehu.clean.email_addresses import EmailAddress
from kehu.clean.phone_numbers import PhoneNumber
from kehu.demo.road.outcome import percentile


def test_no_two_bench_people_share_a_phone_or_an_address() -> None:
    people = [bench_person(number) for number in range(20_000)]
    assert len({person.phone[3:] for person in people}) == len(people)
    assert len({person.email for person in people}) == len(people)
    assert bench_person(7) == bench_person(7)
    assert all(PhoneNumber.parse(person.phone).kind == "mobile" for person in people[:500])


def test_traffic_brings_new_customers_all_along_and_some_with_very_many_events() -> None:
    events, known, new = 100_000, 700, 300
    calls = [msgspec.json.decode(payload) for _, payload in mixed_traffic(events, known, new, 1)]
    assert len(calls) == events
    arrivals = [i for i, call in enumerate(calls) if call["type"] == "identify"]
    assert len(arrivals) == new
    assert arrivals[new // 2] == pytest.approx(events / 2, rel=0.05)
    by_user = Counter(call["userId"] for call in calls)
    assert sum(count > 1000 for count in by_user.values()) >= HEAVY_CUSTOMERS * 0.9
    assert len({message_id for message_id, _ in mixed_traffic(events, known, new, 1)}) == events
    assert HEAVY_EVENTS > 1000


def test_the_import_file_holds_the_doubles_it_says(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    planted = write_file(path, 1000)
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["编号"]: row for row in csv.DictReader(file)}
    assert len(rows) == 1000
    assert {kind: len(pairs) for kind, pairs in planted.items()} == dict.fromkeys(planted, round(1000 * DOUBLE_SHARE))
    for first, double in planted["exact copy"]:
        assert [rows[first][h] for h in HEADINGS[1:]] == [rows[double][h] for h in HEADINGS[1:]]
    for first, double in planted["e-mail and short name"]:
        assert rows[first]["邮箱"] != rows[double]["邮箱"]
        assert EmailAddress.parse(rows[first]["邮箱"]).address == EmailAddress.parse(rows[double]["邮箱"]).address
    for first, double in planted["phone rewritten"]:
        assert rows[first]["手机"] != rows[double]["手机"]
        assert PhoneNumber.parse(rows[first]["手机"]).e164 == PhoneNumber.parse(rows[double]["手机"]).e164


def test_a_percentile_is_a_value_that_occurred() -> None:
    values = [float(v) for v in range(100, 0, -1)]
    assert percentile(values, 0.5) == 51.0
    assert percentile(values, 0.99) == 100.0
    assert percentile([], 0.5) == 0.0
