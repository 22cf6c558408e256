"""Which systems know a person, under which key and with which values: the drafts every source file is written
from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from kehu.demo.contact_points import (
    PLACEHOLDER_EMAILS,
    PLACEHOLDER_PHONES,
    PLACEHOLDER_TEXTS,
    mask_name,
    mask_phone,
)
from kehu.demo.corruptions import (
    known_birth_date,
    known_email,
    known_phone,
    written_address,
    written_name,
    written_phone,
)
from kehu.demo.error_rates import (
    ERROR_RATES,
    HEAVY_CUSTOMERS_PER_PERSON,
    RECORDS_PER_PERSON,
    WECHAT_HAS_PHONE,
    WECHAT_HAS_UNIONID,
)
from kehu.demo.nicknames import draw_nickname
from kehu.demo.population import Person

CONSUMER_SOURCES = {
    "web": 0.16, "wechat": 0.17, "shop": 0.19, "market": 0.15, "till": 0.15, "call": 0.07, "crm": 0.03,
    "mail": 0.08,
}  # fmt: skip
BUSINESS_SOURCES = {"crm": 0.42, "mail": 0.18, "call": 0.18, "web": 0.10, "shop": 0.12}
# How often people turn up again in a source that has them already (exact duplicates come on top).
SECOND_TIME = {"shop": 0.12, "crm": 0.10, "till": 0.12, "market": 0.6}
DUPLICABLE = ("web", "shop", "market", "till", "crm")
HEAVY_START = ("web", "shop", "wechat", "till", "mail", "crm", "call")
HAS_ACCOUNT_NUMBER = {"web": "u{:07d}", "shop": "b{:08d}", "crm": "K{:06d}", "till": "6{:09d}"}
OPTIONAL_PHONE = ("web", "shop", "crm", "till")
OPTIONAL_EMAIL = ("web", "shop", "crm")


@dataclass(slots=True)
class Record:
    """One person (or, for `kind` organisation, one company) as one source knows it."""

    source: str
    key: str
    person: Person
    created_at: datetime
    is_first: bool
    name: str = ""
    nickname: str = ""
    phone: str = ""
    email: str = ""
    birth: tuple[int, int, int] | None = None
    address: str = ""
    gender: str = ""
    unionid: str = ""
    openid: str = ""
    member_no: str = ""
    company_id: str = ""
    errors: list[str] = field(default_factory=list)


class RecordOffice:
    """Drafts all records, person by person; no two people share a key within a source."""

    def __init__(self, rng: Random, opened_at: datetime, now: datetime) -> None:
        self._rng = rng
        self._opened_at, self._life = opened_at, now - opened_at
        self._numbers = dict.fromkeys(HAS_ACCOUNT_NUMBER, 1000)
        self._order_number = 10_000_000
        self._keys: set[tuple[str, str]] = set()
        self._member_no: dict[str, str] = {}  # of a person's till card, which the mini-program may show
        self._owed_duplicates = 0
        self._company_ids: dict[str, list[str]] = {}

    def draft(self, people: list[Person]) -> list[Record]:
        heavy = max(1, round(len(people) * HEAVY_CUSTOMERS_PER_PERSON))
        retail = [p for p in people if p.company is None and p.active_to == 1.0]
        for person in retail[:: max(1, len(retail) // heavy)][:heavy]:
            person.is_heavy, person.active_from = True, 0.0
        return [record for person in people for record in self._records_of(person)]

    def _records_of(self, person: Person) -> list[Record]:
        rng = self._rng
        count = rng.randint(21, 28) if person.is_heavy else _draw_count(rng)
        span = person.active_to - person.active_from
        moments = sorted(person.active_from + span * rng.random() ** 1.2 for _ in range(count))
        records: list[Record] = []
        for share in moments:
            created_at = self._opened_at + timedelta(seconds=int(self._life.total_seconds() * share * 0.995))
            records.append(self._next_record(person, created_at, records))
        return records

    def _next_record(self, person: Person, created_at: datetime, earlier: list[Record]) -> Record:
        if earlier:
            # Not every record can be entered twice; those that can make up for those that cannot.
            self._owed_duplicates += self._rng.random() < ERROR_RATES.exact_duplicate
            originals = [r for r in earlier if r.source in DUPLICABLE and not r.key.startswith("phone:")]
            if self._owed_duplicates and originals:
                self._owed_duplicates -= 1
                return self._duplicate(self._rng.choice(originals), created_at)
        for _ in range(12):
            record = self._try_record(person, created_at, earlier)
            if (record.source, record.key.lower()) not in self._keys:
                break
        else:
            record = self._fill("market", person, created_at, bool(not earlier))
        self._keys.add((record.source, record.key.lower()))
        return record

    def _try_record(self, person: Person, created_at: datetime, earlier: list[Record]) -> Record:
        if person.is_heavy and len(earlier) < len(HEAVY_START):
            return self._fill(HEAVY_START[len(earlier)], person, created_at, not earlier)
        weights = dict(BUSINESS_SOURCES if person.company else CONSUMER_SOURCES)
        for record in earlier:
            if record.source in weights:
                weights[record.source] *= SECOND_TIME.get(record.source, 0.0)
        if not any(weights.values()):
            return self._fill("market", person, created_at, not earlier)
        source = self._rng.choices(list(weights), list(weights.values()))[0]
        return self._fill(source, person, created_at, not earlier)

    def _duplicate(self, original: Record, created_at: datetime) -> Record:
        copy = replace(original, created_at=created_at, is_first=False, errors=["exact_duplicate"])
        copy.key = self._new_key(original.source)
        if original.source == "till":
            copy.member_no = copy.key
        self._keys.add((copy.source, copy.key.lower()))
        return copy

    def _new_key(self, source: str) -> str:
        if source == "market":
            self._order_number += self._rng.randint(1, 90)
            return f"26{self._order_number}{self._rng.randint(1000, 9999)}"
        self._numbers[source] += self._rng.randint(1, 9)
        number = HAS_ACCOUNT_NUMBER[source].format(self._numbers[source])
        return f"user:{number}" if source == "web" else number

    def _fill(self, source: str, person: Person, created_at: datetime, is_first: bool) -> Record:
        record = Record(source, "", person, created_at, is_first)
        fill: dict[str, Callable[[Record], None]] = {
            "web": self._fill_account, "shop": self._fill_account, "crm": self._fill_account,
            "wechat": self._fill_wechat, "market": self._fill_market, "till": self._fill_till,
            "call": self._fill_call, "mail": self._fill_mail,
        }  # fmt: skip
        fill[source](record)
        if not is_first:
            self._leave_placeholder(record)
        return record

    def _fill_account(self, record: Record) -> None:
        rng, person = self._rng, record.person
        record.key = self._new_key(record.source)
        self._fill_name(record)
        self._fill_phone(record)
        self._fill_email(record)
        if record.source in ("web", "crm"):
            self._fill_birth(record)
        if record.source in ("shop", "crm"):
            self._fill_address(record)
        if record.source == "crm":
            record.company_id = self._company_id(person)
            if record.name == person.name and rng.random() < 0.25:  # 张伟先生: a habit of the form, not an error
                record.name += "先生" if person.gender == "male" else "女士"
        elif rng.random() < 0.5:
            record.gender = person.gender

    def _fill_wechat(self, record: Record) -> None:
        rng, person = self._rng, record.person
        record.openid = "o" + _token(rng, 27)
        record.unionid = "oU" + _token(rng, 26) if rng.random() < WECHAT_HAS_UNIONID else ""
        record.key = record.unionid or record.openid
        record.nickname = draw_nickname(rng, person)
        if rng.random() < WECHAT_HAS_PHONE:
            record.phone = self._phone(record)
        if rng.random() < 0.7:
            record.gender = person.gender
        if person.id in self._member_no and rng.random() < 0.5:
            record.member_no = self._member_no[person.id]

    def _fill_market(self, record: Record) -> None:
        record.key = self._new_key("market")
        record.name = mask_name(record.person.surname)
        if record.is_first:
            record.phone = mask_phone(record.person.phone)
        else:
            record.phone = mask_phone(known_phone(self._rng, record.person, record.errors, may_be_missing=False))
        self._fill_address(record)

    def _fill_till(self, record: Record) -> None:
        rng, person = self._rng, record.person
        if rng.random() < 0.3:  # no card, gives the phone at the counter
            record.phone = self._phone(record)
            record.key = f"phone:{record.phone}"
            return
        record.key = record.member_no = self._new_key("till")
        self._member_no.setdefault(person.id, record.key)
        self._fill_name(record)
        self._fill_phone(record)
        self._fill_birth(record)

    def _fill_call(self, record: Record) -> None:
        record.phone = record.key = self._phone(record)

    def _fill_mail(self, record: Record) -> None:
        self._fill_name(record)
        if record.is_first:
            record.email = record.person.email
        else:
            record.email = known_email(self._rng, record.person, record.errors, may_be_missing=False)
        record.key = record.email

    def _fill_name(self, record: Record) -> None:
        person = record.person
        record.name = person.name if record.is_first else written_name(self._rng, person, record.errors)

    def _phone(self, record: Record) -> str:
        """A number written out in full that the source always has."""
        if record.is_first:
            return record.person.phone
        phone = known_phone(self._rng, record.person, record.errors, may_be_missing=False)
        return written_phone(self._rng, phone, record.errors)

    def _fill_phone(self, record: Record) -> None:
        if record.is_first:
            record.phone = record.person.phone
            return
        phone = known_phone(self._rng, record.person, record.errors, may_be_missing=True)
        record.phone = written_phone(self._rng, phone, record.errors)

    def _fill_email(self, record: Record) -> None:
        if record.is_first:
            record.email = record.person.email
            return
        record.email = known_email(self._rng, record.person, record.errors, may_be_missing=True)

    def _fill_birth(self, record: Record) -> None:
        born = record.person.birth_date
        if record.is_first:
            record.birth = (born.year, born.month, born.day)
            return
        record.birth = known_birth_date(self._rng, record.person, record.errors)

    def _fill_address(self, record: Record) -> None:
        person = record.person
        record.address = person.address.full if record.is_first else written_address(self._rng, person, record.errors)

    def _leave_placeholder(self, record: Record) -> None:
        """Somebody had to fill a field in and did not know what with. Never a field that is the record's
        key.
        """
        rng = self._rng
        fields = [f for f in placeholder_fields(record.source, record.key)]
        if not fields or rng.random() >= ERROR_RATES.placeholder:
            return
        chosen = rng.choice(fields)
        record.errors.append(f"placeholder_{chosen}")
        texts = {"phone": PLACEHOLDER_PHONES, "email": PLACEHOLDER_EMAILS}.get(chosen, PLACEHOLDER_TEXTS)
        setattr(record, chosen, rng.choice(texts))

    def _company_id(self, person: Person) -> str:
        """The account the contact was entered under; one company in ten was opened twice."""
        if person.company is None:
            return ""
        ids = self._company_ids.get(person.company.id)
        if ids is None:
            number = 5000 + 10 * len(self._company_ids)
            ids = [f"C{number}"] + ([f"C{number + 1}"] if self._rng.random() < 0.1 else [])
            self._company_ids[person.company.id] = ids
        return self._rng.choice(ids)


def placeholder_fields(source: str, key: str) -> tuple[str, ...]:
    """The fields in which a record of this source may hold a placeholder."""
    if source in ("web", "crm"):
        return ("name", "phone", "email")
    if source == "shop":
        return ("name", "phone", "email", "address")
    if source == "till" and not key.startswith("phone:"):
        return ("name", "phone")
    return ("name",) if source == "mail" else ()


def _draw_count(rng: Random) -> int:
    roll = rng.random()
    for count, share in RECORDS_PER_PERSON:
        roll -= share
        if roll < 0:
            return count
    return 2


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


def _token(rng: Random, length: int) -> str:
    bits = rng.getrandbits(6 * length)
    return "".join(_ALPHABET[bits >> 6 * i & 63] for i in range(length))
