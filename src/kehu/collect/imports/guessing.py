"""From the columns of a file and some of its values to a RowMapping a person only has to confirm: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kehu.clean.column_headings import normal_heading
from kehu.clean.columns import ColumnGuess, guess_columns
from kehu.clean.moments import DAY_FIRST, MONTH_FIRST, parse_moment, zone_of
from kehu.clean.row_mapping import IDENTIFIER_TYPES, ORGANISATION_ATTRIBUTES, PERSON_ATTRIBUTES
from kehu.collect.imports.guessed_parts import (
    guess_consent,
    guess_event,
    guess_order,
    guess_organisation,
    order_number_column,
)

SURE: Final = 0.5
_UTC: Final = zone_of("UTC")
_MOSTLY: Final = 0.5
_ADDRESS_PARTS: Final = frozenset({"address_2", "street_number", "district", "province", "country", "postcode"})
# Ids first, because they stay when a person changes phone or e-mail.
_KEY_ORDER: Final = (
    "user_id", "crm_id", "member_id", "erp_no", "unionid", "openid", "id_number", "email", "phone",
)  # fmt: skip
_TELLING: Final = frozenset({"phone", "email", "address", "id_number"})
# Not 序号 or "no": running numbers start again in the next file.
_ID_HEADINGS: Final = frozenset({"id", "rec_id", "record_id", "contact_id", "person_id", "编号", "记录编号", "客户id"})
_OWN_COLUMNS: Final = "kehu_"  # what a downloaded problem file adds


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """role: attribute:name, identifier:member_id, order.number …, "" = the column is kept but means nothing."""

    column: str
    role: str
    confidence: float
    why: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappingGuess:
    """mapping: JSON of a RowMapping. confidence: of its least sure column; below 0.5 a person must look."""

    mapping: dict[str, Any]
    columns: tuple[ColumnProposal, ...]
    confidence: float


def guess_mapping(
    columns: Sequence[str], samples: Mapping[str, Sequence[str]], lists: Sequence[str] = ()
) -> MappingGuess:
    """samples: some values of each column. lists: fields that hold lists; their columns are named list.field."""
    nested = {column for column in columns if any(column.startswith(f"{name}.") for name in lists)}
    flat = [column for column in columns if column not in nested and not column.startswith(_OWN_COLUMNS)]
    guesses = guess_columns(flat, samples)
    usable = {column: guess for column, guess in guesses.items() if guess.confidence >= SURE}
    order_column = order_number_column(flat, usable)
    taken: dict[str, str] = {order_column: "order.number"} if order_column else {}
    mapping: dict[str, Any] = {}
    if order_column:
        mapping["order"] = guess_order(order_column, flat, lists, nested, taken)
    organisation = guess_organisation(flat, usable, samples, taken)
    _guess_people(mapping, usable, samples, taken)
    if organisation:
        mapping["organisation"] = organisation
    _guess_time(mapping, guesses, samples, taken)
    if event := guess_event(flat, mapping, taken):
        mapping["event"] = event
    if "record" in mapping and (consent := guess_consent(flat, samples, mapping, taken)):
        mapping["consent"] = consent
    proposals = tuple(_proposal(column, guesses.get(column), taken, samples) for column in columns)
    sure = [proposal.confidence for proposal in proposals if proposal.role]
    return MappingGuess(mapping, proposals, min(sure, default=0.0))


def _proposal(
    column: str, guess: ColumnGuess | None, taken: Mapping[str, str], samples: Mapping[str, Sequence[str]]
) -> ColumnProposal:
    role = taken.get(column, "")
    shown = tuple(samples.get(column, ())[:5])
    if not role:
        return ColumnProposal(column, "", 0.0, guess.why if guess else "nothing fits", shown)
    if guess is None or role.split(".")[0] in ("order", "line", "payment", "refund", "event", "consent"):
        return ColumnProposal(column, role, 0.8, "heading", shown)
    return ColumnProposal(column, role, guess.confidence, guess.why, shown)


def _guess_people(
    mapping: dict[str, Any],
    usable: Mapping[str, ColumnGuess],
    samples: Mapping[str, Sequence[str]],
    taken: dict[str, str],
) -> None:
    by_attribute: dict[str, list[str]] = {}
    for column, guess in usable.items():
        if column not in taken:
            by_attribute.setdefault(guess.attribute, []).append(column)
    by_column = {column: attribute for attribute, columns in by_attribute.items() for column in columns}
    attributes: dict[str, str] = {}
    identifiers: dict[str, Any] = {}
    is_organisation = "company" in by_attribute and not by_attribute.keys() & {
        "name", "surname", "given_name", "nickname",
    }  # fmt: skip
    known = ORGANISATION_ATTRIBUTES if is_organisation else PERSON_ATTRIBUTES
    for attribute, columns in by_attribute.items():
        target = {"middle_name": "given_name"}.get(attribute, attribute)
        if is_organisation and attribute == "company":
            target = "name"
        if target in known:
            for column in columns if target in ("phone", "email", "given_name", "address") else columns[:1]:
                attributes[column] = target
        elif attribute in IDENTIFIER_TYPES:
            identifiers[columns[0]] = _identifier(attribute, samples)
    _join_address(attributes, by_attribute, samples)
    key = _guess_key(by_attribute, samples)
    if "order" not in mapping and (own := _own_id(samples, by_column)):
        key = [own]
        taken[own] = "key"
    if not key and not _TELLING & set(attributes.values()):
        return  # a name or a city by itself is more likely a product's or a shop's
    if not key and "order" in mapping:  # masked buyers: what is left is to keep the orders apart
        key = [mapping["order"]["number"]]
    mapping["record"] = {"key": key} | ({"kind": "organisation"} if is_organisation else {})
    mapping["attributes"], mapping["identifiers"] = attributes, identifiers
    taken.update({column: f"attribute:{attribute}" for column, attribute in attributes.items()})
    taken.update({column: f"identifier:{by_column[column]}" for column in identifiers})
    if not identifiers:
        mapping.pop("identifiers")


def _join_address(
    attributes: dict[str, str],
    by_attribute: Mapping[str, list[str]],
    samples: Mapping[str, Sequence[str]],
) -> None:
    """Street, city and postcode in columns of their own are one address, unless the street column repeats them."""
    whole = by_attribute.get("address", [])
    if not whole:
        return
    for part in (*_ADDRESS_PARTS, "city"):
        for column in by_attribute.get(part, []):
            if not _repeats(samples.get(column, ()), samples.get(whole[0], ())):
                attributes[column] = "address"


def _repeats(parts: Sequence[str], wholes: Sequence[str]) -> bool:
    pairs = [(part, whole) for part, whole in zip(parts, wholes, strict=False) if part and whole]
    return bool(pairs) and sum(part[:2] in whole for part, whole in pairs) * 2 > len(pairs)


def _guess_key(by_attribute: Mapping[str, list[str]], samples: Mapping[str, Sequence[str]]) -> list[Any]:
    """The steadiest column first; further ones, each with a prefix, for rows where it is empty."""
    candidates = [
        (by_attribute[attribute][0], attribute, _share_filled(samples.get(by_attribute[attribute][0], ())))
        for attribute in _KEY_ORDER
        if attribute in by_attribute
    ]
    candidates.sort(key=lambda candidate: candidate[2] < _MOSTLY)  # stable: a column of a few rows comes last
    key: list[Any] = []
    for column, attribute, share in candidates:
        if share:
            key.append({"column": column, "prefix": f"{attribute}:"} if key else column)
        if share == 1.0 or len(key) == 3:
            break
    return key


def _own_id(samples: Mapping[str, Sequence[str]], by_column: Mapping[str, str]) -> str:
    """A column that is plainly called an id, is always filled and never repeats: the rows' own key."""
    for column, values in samples.items():
        if column in by_column or normal_heading(column) not in _ID_HEADINGS:
            continue
        if values and all(values) and len(set(values)) == len(values):
            return column
    return ""


def _share_filled(values: Sequence[str]) -> float:
    """Masked phones and e-mails (138****1234) name nobody; without any values the heading is believed."""
    if not values:
        return 1.0
    return sum(bool(value.strip()) and "*" not in value for value in values) / len(values)


def _identifier(kind: str, samples: Mapping[str, Sequence[str]]) -> Any:
    """An openid means something only together with its app."""
    app = next((column for column in samples if column.lower().replace("_", "") == "appid"), "")
    return {"type": kind, "prefix_column": app} if kind == "openid" and app else kind


def _guess_time(
    mapping: dict[str, Any],
    guesses: Mapping[str, ColumnGuess],
    samples: Mapping[str, Sequence[str]],
    taken: dict[str, str],
) -> None:
    free = (c for c, guess in guesses.items() if guess.attribute == "occurred_at" and c not in taken)
    column = mapping.get("order", {}).get("placed_at", "") or next(
        (c for c in free if guesses[c].confidence >= SURE or _are_moments(samples.get(c, ()))), ""
    )
    if not column:
        return
    mapping["occurred_at"] = column
    taken.setdefault(column, "occurred_at")
    if time_format := _day_or_month_first(samples.get(column, ())):
        mapping["time_format"] = time_format


def _are_moments(values: Sequence[str]) -> bool:
    """Seconds since 1970 are moments too, under a heading that speaks of time."""
    filled = [value for value in values if value]
    read = sum(parse_moment(value, _UTC) is not None for value in filled)
    return bool(filled) and read >= _MOSTLY * len(filled)


def _day_or_month_first(values: Sequence[str]) -> str:
    """03/04/2024 says nothing, but 25/04/2024 in the same column does."""
    firsts, seconds = set(), set()
    for value in values:
        parts = value.strip().replace(".", "/").replace("-", "/").split("/")
        if len(parts) >= 3 and parts[0].isdigit() and parts[1].isdigit() and len(parts[0]) <= 2:
            firsts.add(int(parts[0]))
            seconds.add(int(parts[1]))
    if max(firsts, default=0) > 12:
        return DAY_FIRST
    return MONTH_FIRST if max(seconds, default=0) > 12 else ""
