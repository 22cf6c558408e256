"""The parts of a guessed mapping that are not a person: orders, organisations, events, consents. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kehu.clean.column_headings import attribute_of_heading, normal_heading
from kehu.clean.columns import ColumnGuess
from kehu.clean.company_names import CompanyName
from kehu.collect.imports.trade_headings import trade_role

_LISTS: Final = {
    "line": ("lines", "items", "line_items", "products", "order_items", "商品", "明细"),
    "payment": ("payments", "transactions", "支付"),
    "refund": ("refunds", "退款"),
}
_CALL_HEADINGS: Final = ("通话", "来电", "主叫", "call_", "caller")
_CONSENT_HEADINGS: Final = (
    "subscribed",
    "consent",
    "opt_in",
    "optin",
    "is_subscribed",
    "newsletter",
    "订阅",
    "是否订阅",
    "同意营销",
)
_GRANTED: Final = frozenset(
    {"1", "y", "yes", "true", "t", "subscribed", "granted", "opt-in", "opted_in", "是", "同意", "已订阅", "订阅"}
)
_WITHDRAWN: Final = frozenset(
    {
        "0",
        "n",
        "no",
        "false",
        "f",
        "unsubscribed",
        "withdrawn",
        "opt-out",
        "opted_out",
        "否",
        "不同意",
        "已退订",
        "退订",
        "未订阅",
    }
)
_COMPANY_HEADS: Final = ("公司", "企业", "单位", "company_", "account_", "organisation_", "organization_")


def order_number_column(columns: Sequence[str], usable: Mapping[str, ColumnGuess]) -> str:
    return next((c for c in columns if c in usable and usable[c].attribute == "order_number"), "")


def guess_order(
    number: str, columns: Sequence[str], lists: Sequence[str], nested: set[str], taken: dict[str, str]
) -> dict[str, Any]:
    """Fills `taken` with the columns it uses."""
    order: dict[str, Any] = {"number": number}
    parts: dict[str, dict[str, Any]] = {"line": {}, "payment": {}, "refund": {}}
    for column in columns:
        role = trade_role(column)
        part, _, field = role.partition(".")
        if not role or column in taken:
            continue
        target = order if part == "order" else parts[part]
        if field in target:
            continue
        target[field] = [column] if field == "key" else column
        taken[column] = role
    for part, names in _LISTS.items():
        each = next((name for name in lists if normal_heading(name) in names), "")
        if each:
            parts[part] = {"each": each, **_fields_of_list(each, part, nested, taken)}
    if "amount" not in parts["payment"]:
        parts["payment"] = {}
    if "amount" not in parts["refund"]:
        parts["refund"] = {}
    if parts["line"].keys() <= {"key", "each"}:
        parts["line"] = {}
    payment = parts["payment"]
    if "total" not in order and "amount" in payment and not payment.keys() & {"each", "key"}:
        order["total"] = parts["payment"]["amount"]
    order |= {part: fields for part, fields in parts.items() if fields}
    return order


def _fields_of_list(each: str, part: str, nested: set[str], taken: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for column in sorted(nested):
        if not column.startswith(f"{each}."):
            continue
        inner = column.removeprefix(f"{each}.")
        field = _field_in_list(inner, part)
        if field and field not in fields:
            fields[field] = [inner] if field == "key" else inner
            taken[column] = f"{part}.{field}"
    return fields


def _field_in_list(inner: str, part: str) -> str:
    normal = normal_heading(inner)
    if part == "line":
        if normal in ("name", "title"):
            return "name"
        if normal in ("amount", "total"):
            return "amount"
        role = trade_role(inner)
        return role.removeprefix("line.") if role.startswith("line.") else ""
    if normal in ("amount", "value", "total"):
        return "amount"
    if normal in ("method", "type", "channel"):
        return "method"
    if normal.endswith(("_no", "_id")) or normal == "id":
        return "key"
    return "at" if attribute_of_heading(inner)[0] == "occurred_at" else ""


def guess_organisation(
    columns: Sequence[str],
    usable: Mapping[str, ColumnGuess],
    samples: Mapping[str, Sequence[str]],
    taken: dict[str, str],
) -> dict[str, Any] | None:
    """A contact and its company in one row. Takes 公司电话, company_address … away from the person."""
    has_person = any(guess.attribute in ("name", "surname") for guess in usable.values())
    name = next((c for c in columns if c in usable and usable[c].attribute == "company"), "")
    if not has_person or not name or not _are_companies(samples.get(name, ())):
        return None
    attributes = {name: "name"}
    key: list[str] = []
    for column in columns:
        normal = normal_heading(column)
        if column == name or column in taken or not normal.startswith(_COMPANY_HEADS):
            continue
        guess = usable.get(column)
        if guess is not None and guess.attribute in ("phone", "email", "address", "website", "tax_no"):
            attributes[column] = guess.attribute
            taken[column] = f"organisation:{guess.attribute}"
        elif normal.endswith(("编号", "id", "_no", "代码")):
            key.append(column)
            taken[column] = "organisation.key"
    return {"key": [*key, name], "prefix": "company:", "attributes": attributes}


def _are_companies(values: Sequence[str]) -> bool:
    filled = [value for value in values if value]
    parsed = [CompanyName.parse(value) for value in filled]
    return bool(filled) and sum(1 for one in parsed if one and one.suffix) * 2 >= len(filled)


def guess_event(columns: Sequence[str], mapping: Mapping[str, Any], taken: dict[str, str]) -> dict[str, Any] | None:
    """A log of calls: one event a row, with what is left of the columns as its properties."""
    is_call_log = any(normal_heading(column).startswith(_CALL_HEADINGS) for column in columns)
    if "order" in mapping or not is_call_log or "occurred_at" not in mapping:
        return None
    key = next((c for c in columns if normal_heading(c) in ("通话编号", "call_id", "call_no", "录音编号")), "")
    if key:
        taken[key] = "event.key"
    rest = {column: column for column in columns if column not in taken}
    taken.update(dict.fromkeys(rest, "event.property"))
    event = {"name": "=Call Received", "kind": "contact", "properties": rest}
    return event | ({"key": [key]} if key else {})


def guess_consent(
    columns: Sequence[str],
    samples: Mapping[str, Sequence[str]],
    mapping: Mapping[str, Any],
    taken: dict[str, str],
) -> dict[str, Any] | None:
    for column in columns:
        if column in taken or normal_heading(column) not in _CONSENT_HEADINGS:
            continue
        words = {value.strip() for value in samples.get(column, ()) if value.strip()}
        granted = sorted(word for word in words if word.lower() in _GRANTED)
        withdrawn = sorted(word for word in words if word.lower() in _WITHDRAWN)
        if not granted and not withdrawn:
            continue
        has_email = "email" in mapping.get("attributes", {}).values()
        taken[column] = "consent.state"
        return {
            "purpose": "=marketing",
            "channel": "=email" if has_email else "=any",
            "state": {"column": column, "granted": granted, "withdrawn": withdrawn},
        }
    return None
