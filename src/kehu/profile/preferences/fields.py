"""What lists, segments and tag rules can ask of preferences. Registered with the filter builder."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import IN_OR_OUT, Ask, Choices, Field
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.filters.values import folded, text_test
from kehu.profile.preferences.evidence import PreferenceKind
from kehu.profile.sql import FALSE, TRUE, Sql, sql

LABELS: Final = {
    PreferenceKind.PRODUCT: _("Preferred products"),
    PreferenceKind.CONTENT: _("Preferred content"),
    PreferenceKind.CHANNEL: _("Preferred channel"),
    PreferenceKind.HOURS: _("Preferred hours"),
}
CHANNELS: Final = (
    ("web", _("Website")),
    ("app", _("App")),
    ("wechat", _("WeChat")),
    ("shop", _("Online shop")),
    ("market", _("Marketplace")),
    ("till", _("Store")),
    ("phone", _("Telephone")),
    ("email", _("E-mail")),
    ("sms", _("Text message")),
    ("push", _("Push message")),
)
PARTS_OF_DAY: Final = (
    ("morning", pgettext_lazy("hours", "Morning (6–11)")),
    ("noon", pgettext_lazy("hours", "Noon (11–14)")),
    ("afternoon", pgettext_lazy("hours", "Afternoon (14–18)")),
    ("evening", pgettext_lazy("hours", "Evening (18–23)")),
    ("night", pgettext_lazy("hours", "Night (23–6)")),
)
_CHOICES: Final[dict[PreferenceKind, Sequence[tuple[str, Any]]]] = {
    PreferenceKind.CHANNEL: CHANNELS,
    PreferenceKind.HOURS: PARTS_OF_DAY,
}
_OF_TEXTS: Final = (Op.IS, Op.ONE_OF, Op.CONTAINS, Op.SET, Op.EMPTY)


def preference_fields() -> list[Field]:
    group = _("Preferences")
    fields = []
    for kind, label in LABELS.items():
        name, ask = f"preference.{kind}", _ask(kind)
        if kind in _CHOICES:
            fields.append(Field(name, label, FieldKind.CHOICE, ask, group, choices=_choices(kind)))
        else:
            fields.append(Field(name, label, FieldKind.TEXT, ask, group, only=_OF_TEXTS))
    return fields


def _choices(kind: PreferenceKind) -> Choices:
    return lambda actor: _CHOICES[kind]


def _ask(kind: PreferenceKind) -> Ask:
    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        if asking.actor.is_strict:
            return FALSE
        holds = sql(
            "c.id IN (SELECT p.customer_id FROM profile_preference p WHERE p.is_clear AND p.kind = {} AND {})",
            kind.value,
            _test(op, values),
        )
        return sql("NOT ({})", holds) if op in (Op.NONE_OF, Op.EMPTY) else holds

    return ask


def _test(op: Op, values: Sequence[str]) -> Sql:
    if op in (Op.SET, Op.EMPTY):
        return TRUE
    if op is Op.IS or op in IN_OR_OUT:
        return sql("lower(p.value) = ANY({})", [folded(value) for value in values])
    return text_test(Sql("p.value"), op, values)
