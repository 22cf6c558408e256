"""The demo company: repeatable, each export in its own shape, errors at the promised rates, the truth kept apart."""

import csv
import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from kehu.clean.phone_numbers import PhoneNumber
from kehu.clean.row_mapping import check_mapping, read_row
from kehu.clean.values import CleanContext
from kehu.demo.contact_points import PLACEHOLDER_PHONES
from kehu.demo.error_rates import ERROR_RATES, WECHAT_HAS_PHONE
from kehu.demo.export_reading import read_records, read_rows
from kehu.demo.generator import CompanyFiles, generate_company
from kehu.demo.manifest import read_manifest
from kehu.demo.records import OPTIONAL_EMAIL, OPTIONAL_PHONE

TODAY = date(2026, 3, 1)
STANDARD_ERRORS = 4.5  # of some thirty rates, one beyond this by chance in about 5,000 seeds


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        generate_company(300, seed, tmp_path / name, TODAY)
    one, again, other = (digests(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert len(one) == 14
    assert all(one[name] != other[name] for name in one)


def test_people_have_two_point_six_records_on_average_and_a_few_have_very_many(company: CompanyFiles) -> None:
    records = company.truth.records().filter(pl.col("is_scored"))
    counts = records.group_by("person").len()["len"]
    assert len(counts) == 4000
    assert records.height / 4000 == pytest.approx(2.6, abs=0.15)
    heavy = company.truth.people().filter(pl.col("is_heavy"))["person"].to_list()
    assert len(heavy) == 2
    events = Counter(company.truth.events()["person"].to_list())
    for person in heavy:
        assert records.filter(pl.col("person") == person).height > 20
        assert events[person] > 1000


def assert_rate(found: int, of: int, rate: float, what: str) -> None:
    margin = STANDARD_ERRORS * math.sqrt(rate * (1 - rate) / of)
    assert abs(found / of - rate) <= margin, f"{what}: {found / of:.4f} of {of}, configured {rate} ± {margin:.4f}"


def later_records(company: CompanyFiles, *sources: str) -> pl.DataFrame:
    """Records that draw errors: not the first of their person, and not copies of another record."""
    is_copy = pl.col("errors").list.contains("exact_duplicate")
    with_full_till = (pl.col("source") != "till") | ~pl.col("external_id").str.starts_with("phone:")
    records = company.truth.records().filter(pl.col("is_scored"), ~pl.col("is_first"), ~is_copy)
    return records.filter(pl.col("source").is_in(sources), with_full_till)


@pytest.mark.parametrize(
    ("error", "sources"),
    [
        ("name_typo", ("web", "shop", "till", "crm", "mail")),
        ("name_traditional", ("web", "shop", "till", "crm", "mail")),
        ("name_surname_title", ("web", "shop", "till", "crm", "mail")),
        ("name_romanised", ("web", "shop", "till", "crm", "mail")),
        ("phone_missing", OPTIONAL_PHONE),
        ("phone_changed", (*OPTIONAL_PHONE, "market", "call")),
        ("email_missing", OPTIONAL_EMAIL),
        ("email_changed", (*OPTIONAL_EMAIL, "mail")),
        ("birth_missing", ("web", "till", "crm")),
        ("birth_swapped", ("web", "till", "crm")),
        ("birth_defaulted", ("web", "till", "crm")),
        ("address_moved", ("shop", "market", "crm")),
        ("address_abbreviated", ("shop", "market", "crm")),
    ],
)
def test_errors_of_later_records_occur_at_the_configured_rate(
    company: CompanyFiles, error: str, sources: tuple[str, ...]
) -> None:
    records = later_records(company, *sources)
    found = records.filter(pl.col("errors").list.contains(error)).height
    assert_rate(found, records.height, getattr(ERROR_RATES, error), error)


def test_duplicates_and_placeholders_occur_at_the_configured_rate(company: CompanyFiles) -> None:
    later = company.truth.records().filter(pl.col("is_scored"), ~pl.col("is_first"))
    copies = later.filter(pl.col("errors").list.contains("exact_duplicate"))
    assert_rate(copies.height, later.height, ERROR_RATES.exact_duplicate, "exact_duplicate")
    holders = later_records(company, "web", "shop", "till", "crm", "mail")
    is_placeholder = pl.col("errors").list.eval(pl.element().str.starts_with("placeholder_")).list.any()
    assert_rate(holders.filter(is_placeholder).height, holders.height, ERROR_RATES.placeholder, "placeholder")


def test_family_phones_and_recycled_numbers_occur_at_the_configured_rate(company: CompanyFiles) -> None:
    people = company.truth.people()
    shared = people.filter(pl.len().over("household", "phone") > 1)
    assert shared.height == people["uses_family_phone"].sum()
    assert_rate(shared.height, people.height, ERROR_RATES.family_phone, "family_phone")
    assert people["got_recycled_number"].sum() == round(ERROR_RATES.recycled_number * people.height)
    # A number goes to a stranger only after its first owner has gone quiet.
    records = company.truth.records().filter(pl.col("is_scored")).join(people, on="person")
    for row in people.filter(pl.col("got_recycled_number")).iter_rows(named=True):
        same_phone = records.filter(pl.col("phone") == row["phone"])
        former = same_phone.filter(pl.col("person") != row["person"])["created_at"].max()
        present = same_phone.filter(pl.col("person") == row["person"])["created_at"].min()
        assert former < present


def test_the_files_say_what_the_truth_says_was_done_to_them(company: CompanyFiles) -> None:
    """The ledger of errors is checked against the exports, so that the rates above are rates of the files."""
    exported = {(r["source"], r["external_id"]): r for r in read_records(company.exports)}
    people = {row["person"]: row for row in company.truth.people().iter_rows(named=True)}
    records = company.truth.records().filter(pl.col("is_scored"))
    checked: Counter[str] = Counter()
    for record in records.iter_rows(named=True):
        seen, person = exported[record["source"], record["external_id"]], people[record["person"]]
        errors = set(record["errors"])
        if "exact_duplicate" in errors or record["source"] not in ("web", "shop", "crm"):
            continue
        phone = seen.get("phone", "")
        parsed = PhoneNumber.parse(phone)
        if "placeholder_phone" in errors:
            assert phone in PLACEHOLDER_PHONES
        elif "phone_missing" in errors:
            assert phone == ""
        else:
            expected = person["phone_later"] if "phone_changed" in errors else person["phone"]
            assert parsed is not None
            assert parsed.national == expected
            assert (phone != expected) == ("phone_reformatted" in errors)
        if not any(e.startswith(("name_", "placeholder_name")) for e in errors):
            assert seen["name"].removesuffix("先生").removesuffix("女士") == (person["surname"] + person["given_name"])
        if "name_typo" in errors:
            assert seen["name"] != person["surname"] + person["given_name"]
        if not any(e.startswith(("email_", "placeholder_email")) for e in errors):
            assert seen["email"] == person["email"]
        checked.update(errors)
    assert checked["phone_changed"] > 100
    assert checked["placeholder_phone"] > 5


def test_phones_that_are_written_out_are_reformatted_at_the_configured_rate(company: CompanyFiles) -> None:
    later = later_records(company, "web", "shop", "crm", "till", "call")
    written = later.filter(~pl.col("errors").list.contains("phone_missing"))
    found = written.filter(pl.col("errors").list.contains("phone_reformatted")).height
    assert_rate(found, written.height, ERROR_RATES.phone_reformatted, "phone_reformatted")


def test_the_manifest_finds_every_record_of_the_truth_in_the_exports_and_no_other(company: CompanyFiles) -> None:
    exported = {(r["source"], r["external_id"]) for r in read_records(company.exports)}
    truth = company.truth.records().filter(pl.col("is_scored"))
    assert exported == set(zip(truth["source"], truth["external_id"], strict=True))


def test_web_messages_are_segment_calls_anonymous_first_and_known_later(company: CompanyFiles) -> None:
    lines = (company.exports / "web/messages.jsonl").read_bytes().splitlines()
    messages = [msgspec.json.decode(line) for line in lines]
    assert {m["type"] for m in messages} == {"page", "track", "identify"}
    ids = Counter(m["messageId"] for m in messages)
    assert max(ids.values()) == 2  # some are sent again under the same id
    assert any(m["userId"] is None and m["anonymousId"] is None for m in messages)
    assert all("sentAt" not in m for m in messages)
    assert {m["context"]["library"]["name"] for m in messages if m["type"] == "identify"} == {"analytics-python"}
    orders = {m["properties"]["order_id"]: m for m in messages if m.get("event") == "Order Completed"}
    shop = {row["order_no"]: row for row in shop_rows(company)}
    assert len(orders) > 100
    for number, message in orders.items():  # the same order in both systems, with the same amount
        assert message["properties"]["total"] == pytest.approx(float(shop[number]["total"]))


def shop_rows(company: CompanyFiles) -> list[dict[str, object]]:
    manifest = {m.slug: m for m in read_manifest(company.exports).sources}
    return list(read_rows(manifest["shop"], company.exports))


def test_a_store_tablet_is_used_by_several_customers_and_belongs_to_none(company: CompanyFiles) -> None:
    lines = (company.exports / "web/messages.jsonl").read_bytes().splitlines()
    users: dict[str, set[str]] = {}
    for message in map(msgspec.json.decode, lines):
        if message["userId"]:
            users.setdefault(message["anonymousId"], set()).add(message["userId"])
    shared = {anonymous_id for anonymous_id, who in users.items() if len(who) > 1}
    devices = company.truth.records().filter(pl.col("kind") == "device")
    owners = dict(zip(devices["external_id"], devices["person"], strict=True))
    assert shared
    assert {owners[f"anon:{anonymous_id}"] for anonymous_id in shared} == {None}


def test_tills_write_gb18030_and_some_receipts_name_nobody(company: CompanyFiles) -> None:
    with (company.exports / "till/receipts.csv").open(encoding="gb18030", newline="") as file:
        rows = list(csv.DictReader(file))
    receipts = {row["小票号"]: row for row in rows if row["小票号"]}
    nameless = [r for r in receipts.values() if not r["会员卡号"] and r["手机号"] in ("", "00000000000")]
    orders = company.truth.orders().filter(pl.col("namespace") == "till")
    assert len(receipts) == orders.height
    assert len(nameless) == orders["external_id"].null_count() > 20


def test_the_marketplace_masks_its_buyers_and_tells_their_address(company: CompanyFiles) -> None:
    book = CalamineWorkbook.from_path(company.exports / "market/orders.xlsx")
    headings, *rows = book.get_sheet_by_name("订单明细").to_python()
    for row in rows:
        buyer = dict(zip(headings, row, strict=True))
        assert len(buyer["收货人"]) == 2
        assert buyer["收货人"].endswith("*")
        assert PhoneNumber.parse(buyer["联系电话"]).kind == "masked"


def test_the_mini_program_has_a_phone_for_three_in_five(company: CompanyFiles) -> None:
    members = [r for r in read_records(company.exports) if r["source"] == "wechat"]
    assert_rate(sum("phone" in m for m in members), len(members), WECHAT_HAS_PHONE, "wechat phone")


def test_nothing_happens_after_today(company: CompanyFiles) -> None:
    end = pl.lit(TODAY).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    assert company.truth.records().filter(pl.col("created_at") > end).is_empty()
    assert company.truth.orders().filter(pl.col("ordered_at") > end).is_empty()


def test_every_mapping_fits_its_file_and_the_broken_rows_name_nobody(company: CompanyFiles) -> None:
    """The manifest is read as an import reads it: each row's record is one the truth knows, or there is none."""
    received = datetime(2026, 3, 1, 12, tzinfo=UTC)
    context = CleanContext(TODAY, b"0" * 32)
    records = company.truth.records()
    known = set(zip(records["source"], records["external_id"], strict=True))
    for manifest in read_manifest(company.exports).sources:
        if manifest.mapping is None:
            continue
        rows = list(read_rows(manifest, company.exports))
        check_mapping(manifest.mapping, {column for row in rows for column in columns_with_lists(row)})
        found = set()
        for number, row in enumerate(rows):
            reading = read_row(row, manifest.mapping, manifest, received, str(number), context)
            found.update((t.record.source, t.record.external_id) for t in reading.touches if t.record)
        # A row whose number was cut out still tells who it was about: a record of its own, unknown to the truth.
        named = {key for key in found if not key[1].startswith("row:")}
        assert named == {key for key in known if key[0] == manifest.slug}


def columns_with_lists(row: dict[str, Any]) -> Iterator[str]:
    for column, value in row.items():
        yield column
        if isinstance(value, list) and value:
            yield from (f"{column}.{inner}" for inner in value[0])
