"""What lists, segments and tag rules can ask of figures and tags. Registered with the filter builder."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from kehu.govern.access import Actor
from kehu.govern.masking import attribute_of_key
from kehu.profile.figures.definitions import Definition, Function, ValueKind
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.figures.queries import label_of
from kehu.profile.filters.asking import Asking
from kehu.profile.filters.field import IN_OR_OUT, Ask, Field
from kehu.profile.filters.operators import FieldKind, Op
from kehu.profile.filters.values import moment_test, number_test, text_test
from kehu.profile.sql import FALSE, Sql, sql
from kehu.profile.tags.models import Tag

LIFECYCLES = (("potential", _("Potential")), ("active", _("Active")), ("dormant", _("Dormant")), ("lost", _("Lost")))
TIERS = (("high", _("High value")), ("middle", _("Middle value")), ("low", _("Low value")))
_KINDS = {ValueKind.NUMBER: FieldKind.NUMBER, ValueKind.TEXT: FieldKind.TEXT, ValueKind.MOMENT: FieldKind.MOMENT}


def figure_fields() -> list[Field]:
    standing, computed = _("Standing"), _("Computed attributes")
    return [
        Field("lifecycle", _("Lifecycle"), FieldKind.CHOICE, _ask_standing("lifecycle"), standing,
              choices=lambda actor: LIFECYCLES, only=IN_OR_OUT),
        Field("tier", _("Value tier"), FieldKind.CHOICE, _ask_standing("tier"), standing,
              choices=lambda actor: TIERS, only=IN_OR_OUT),
        Field("rfm_recency", _("RFM: recency"), FieldKind.NUMBER, _ask_score("recency"), standing),
        Field("rfm_frequency", _("RFM: frequency"), FieldKind.NUMBER, _ask_score("frequency"), standing),
        Field("rfm_money", _("RFM: money"), FieldKind.NUMBER, _ask_score("money"), standing),
        Field("tag", _("Tag"), FieldKind.CHOICE, _ask_tag, standing, choices=_tags),
        *(_computed_field(one, computed) for one in ComputedAttribute.objects.order_by("pk")),
    ]  # fmt: skip


def _ask_standing(column: str) -> Ask:
    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        if asking.actor.is_strict:
            return FALSE
        stands = sql(
            "EXISTS (SELECT FROM profile_standing s WHERE s.customer_id = c.id AND s.{} = ANY({}))",
            Sql(column),
            list(values),
        )
        return sql("NOT {}", stands) if op is Op.NONE_OF else stands

    return ask


def _ask_score(column: str) -> Ask:
    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        score = sql("(SELECT s.{} FROM profile_standing s WHERE s.customer_id = c.id)", Sql(column))
        return FALSE if asking.actor.is_strict else number_test(score, op, values)

    return ask


def _ask_tag(op: Op, values: Sequence[str], asking: Asking) -> Sql:
    """Who carries a tag carries those above it."""
    if asking.actor.is_strict:
        return FALSE
    which = Sql("TRUE")
    if op in IN_OR_OUT:
        which = sql(
            "t.tag_id IN (WITH RECURSIVE below (id) AS (SELECT g.id FROM profile_tag g WHERE g.slug = ANY({}) "
            "UNION SELECT g.id FROM profile_tag g JOIN below b ON g.parent_id = b.id) SELECT id FROM below)",
            list(values),
        )
    carries = sql(
        "c.id IN (SELECT m.customer_id FROM profile_tagentry t JOIN resolve_recordcustomer m "
        "ON m.record_id = t.record_id WHERE t.until IS NULL AND {})",
        which,
    )
    return sql("NOT ({})", carries) if op in (Op.NONE_OF, Op.EMPTY) else carries


def _tags(actor: Actor) -> Sequence[tuple[str, Any]]:
    tags = Tag.objects.filter(is_retired=False).order_by("tag_class", "label_en")
    return [(tag.slug, label_of(tag.label_en, tag.label_zh)) for tag in tags]


def _computed_field(kept: ComputedAttribute, group: Any) -> Field:
    definition = Definition(kept.name, kept.over, kept.function, kept.field)
    kind, id_ = definition.kind, kept.pk

    def ask(op: Op, values: Sequence[str], asking: Asking) -> Sql:
        if asking.actor.is_strict:
            return FALSE
        column = {ValueKind.NUMBER: "number", ValueKind.TEXT: "text", ValueKind.MOMENT: "at"}[kind]
        value = sql(
            "(SELECT v.{} FROM profile_computedvalue v WHERE v.customer_id = c.id AND v.attribute_id = {})",
            Sql(column),
            id_,
        )
        if definition.function in (Function.COUNT, Function.SUM):  # who did nothing did it 0 times
            value = sql("coalesce({}, 0)", value)
        match kind:
            case ValueKind.NUMBER:
                return number_test(value, op, values)
            case ValueKind.MOMENT:
                return moment_test(value, op, values, now=asking.now, zone=asking.zone)
            case ValueKind.TEXT:
                return text_test(value, op, values)

    guarded = (attribute_of_key(kept.field) or "") if kind is ValueKind.TEXT else ""
    label = label_of(kept.label_en, kept.label_zh)
    return Field(f"computed.{kept.name}", label, _KINDS[kind], ask, group, guarded=guarded)
