"""Pages of the rules by which customers are known."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kehu.extend import queries as catalogue
from kehu.govern.access import Actor
from kehu.profile.figures import queries
from kehu.profile.figures.fields import LIFECYCLES, TIERS
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.figures.queries import Rules, label_of
from kehu.profile.services.survivorship import SurvivorshipPreview
from kehu.web import vocabulary
from kehu.web.components import Choice, DiffRow, Figure, Tab, Text
from kehu.web.forms import DressedForm
from kehu.web.wording import format_ago, format_count, shown_value

CHOSEN_BY = ("trust", "recency", "frequency", "completeness", "verified")
FUNCTIONS = {
    "count": gettext_lazy("how many"),
    "sum": gettext_lazy("sum of"),
    "first": gettext_lazy("first"),
    "last": gettext_lazy("last"),
    "most_frequent": gettext_lazy("most frequent"),
}
OVER = {
    "events": gettext_lazy("events"),
    "orders": gettext_lazy("orders"),
    "figures": gettext_lazy("a formula"),
}


def profile_tabs(here: str) -> list[Tab]:
    return [
        Tab(_("Golden values"), reverse("web:profile_rules"), here == "survivorship"),
        Tab(_("Lifecycle and value"), reverse("web:profile_standing"), here == "standing"),
        Tab(_("Computed attributes"), reverse("web:profile_computed"), here == "computed"),
        Tab(_("Tags"), reverse("web:profile_tags"), here == "tags"),
    ]


@dataclass(frozen=True, slots=True)
class RuleRow:
    attribute: str
    label: Text
    rule: str
    rule_label: Text
    choices: list[Choice]
    is_tried: bool


@dataclass(frozen=True, slots=True)
class TriedRule:
    """What a rule would change, with a few of the customers."""

    attribute: str
    label: Text
    rule: str
    rule_label: Text
    seen: str
    text: str
    rows: list[DiffRow]
    urls: list[str]


@dataclass(frozen=True, slots=True)
class SurvivorshipPage:
    rows: list[RuleRow]
    tried: TriedRule | None


def survivorship_page(attribute: str, rule: str, preview: SurvivorshipPreview | None) -> SurvivorshipPage:
    rows = [
        RuleRow(
            info.name,
            info.label,
            info.rule,
            vocabulary.RULES[info.rule],
            [
                Choice(name, vocabulary.RULES[name], name == (rule if info.name == attribute else info.rule))
                for name in CHOSEN_BY
            ],
            info.name == attribute,
        )
        for info in catalogue.catalogue()
    ]
    info = catalogue.attribute(attribute)
    if preview is None or info is None:
        return SurvivorshipPage(rows, None)
    return SurvivorshipPage(rows, _tried(info, rule, preview))


def _choices(current: str) -> list[Choice]:
    return [Choice(name, vocabulary.RULES[name], name == current) for name in CHOSEN_BY]


def _tried(info: catalogue.AttributeInfo, rule: str, preview: SurvivorshipPreview) -> TriedRule:
    text = ngettext(
        "%(changed)s of %(n)s customer of whom sources say different things would get another value.",
        "%(changed)s of %(n)s customers of whom sources say different things would get another value.",
        preview.contested,
    ) % {"changed": format_count(preview.changed), "n": format_count(preview.contested)}
    if not preview.is_whole:
        text = f"{text} {_('Only the first were looked at.')}"
    return TriedRule(
        info.name,
        info.label,
        rule,
        vocabulary.RULES.get(rule, rule),
        info.rule,
        text,
        [
            DiffRow(one.name or _("No name yet"), shown_value(info.name, one.before), shown_value(info.name, one.after),
                    "differs", "")
            for one in preview.samples
        ],
        [reverse("web:customer", args=[one.customer_id]) for one in preview.samples],
    )  # fmt: skip


class StandingForm(DressedForm):
    """Lifecycle and rating together: who changes one looks at the other."""

    basis = forms.ChoiceField(
        label=gettext_lazy("What counts"),
        choices=[("orders", gettext_lazy("orders")), ("events", gettext_lazy("events"))],
    )
    events = forms.CharField(
        label=gettext_lazy("Events that count"),
        required=False,
        help_text=gettext_lazy("Names, with commas between them: Product Viewed, Signed In"),
    )
    active_days = forms.IntegerField(label=gettext_lazy("Active: within days"), min_value=1, max_value=36500)
    dormant_days = forms.IntegerField(label=gettext_lazy("Dormant: within days"), min_value=2, max_value=36500)
    method = forms.ChoiceField(
        label=gettext_lazy("RFM scores"),
        choices=[
            ("quantile", gettext_lazy("by the place among all customers")),
            ("fixed", gettext_lazy("by fixed thresholds")),
        ],
    )
    window_days = forms.IntegerField(label=gettext_lazy("Orders of the last days"), min_value=1, max_value=36500)
    recency_days = forms.CharField(label=gettext_lazy("Thresholds: days since"))
    frequency = forms.CharField(label=gettext_lazy("Thresholds: number of orders"))
    money = forms.CharField(label=gettext_lazy("Thresholds: money"))
    high_from = forms.IntegerField(label=gettext_lazy("High value from (sum of scores)"), min_value=5, max_value=15)
    middle_from = forms.IntegerField(label=gettext_lazy("Middle value from"), min_value=4, max_value=14)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def initial_of(kept: Rules) -> dict[str, Any]:
        lifecycle, rating = kept.lifecycle, kept.rating
        return {
            "basis": lifecycle.basis,
            "events": ", ".join(lifecycle.events),
            "active_days": lifecycle.active_days,
            "dormant_days": lifecycle.dormant_days,
            "method": rating.method,
            "window_days": rating.window_days,
            "recency_days": ", ".join(map(str, rating.recency_days)),
            "frequency": ", ".join(map(str, rating.frequency)),
            "money": ", ".join(f"{step:g}" for step in rating.money),
            "high_from": rating.high_from,
            "middle_from": rating.middle_from,
            "version": kept.version,
        }

    def clean_recency_days(self) -> list[float]:
        return self._steps("recency_days")

    def clean_frequency(self) -> list[float]:
        return self._steps("frequency")

    def clean_money(self) -> list[float]:
        return self._steps("money")

    def _steps(self, name: str) -> list[float]:
        try:
            steps = [float(part) for part in self.cleaned_data[name].replace("，", ",").split(",")]
        except ValueError as error:
            raise forms.ValidationError(_("Four numbers, with commas between them.")) from error
        return [int(step) if step == int(step) else step for step in steps if abs(step) < 1e12]

    def rules(self) -> tuple[dict[str, Any], dict[str, Any]]:
        said = self.cleaned_data
        lifecycle = {name: said[name] for name in ("basis", "active_days", "dormant_days")}
        rating_names = ("method", "window_days", "recency_days", "frequency", "money", "high_from", "middle_from")
        names = [name.strip() for name in said["events"].replace("，", ",").split(",") if name.strip()]
        return {**lifecycle, "events": names}, {name: said[name] for name in rating_names}


@dataclass(frozen=True, slots=True)
class StandingPage:
    lifecycles: list[Figure]
    tiers: list[Figure]
    rated_text: str


def standing_page(actor: Actor, kept: Rules) -> StandingPage:
    counts = queries.standing_counts(actor)

    def figures(kind: str, labels: tuple[tuple[str, Any], ...]) -> list[Figure]:
        return [Figure(label, format_count(counts.get(f"{kind}:{name}", 0))) for name, label in labels]

    rated = _("Rated %(ago)s") % {"ago": format_ago(kept.rated_at)} if kept.rated_at else _("Not rated yet")
    return StandingPage(figures("lifecycle", LIFECYCLES), figures("tier", TIERS), rated)


class ComputedForm(DressedForm):
    name = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=50,
        help_text=gettext_lazy("For formulas and the API: orders_90_days"),
    )
    label_zh = forms.CharField(label=gettext_lazy("Chinese label"), max_length=80, required=False)
    label_en = forms.CharField(label=gettext_lazy("English label"), max_length=80, required=False)
    over = forms.ChoiceField(label=gettext_lazy("Looks at"), choices=list(OVER.items()))
    function = forms.ChoiceField(
        label=gettext_lazy("Makes of it"), required=False, choices=[("", "—"), *FUNCTIONS.items()]
    )
    field = forms.CharField(
        label=gettext_lazy("Property"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Of the event; of an order: total, paid, net, product, sku, status. Empty = its time."),
    )
    event_names = forms.CharField(
        label=gettext_lazy("Events"), required=False, help_text=gettext_lazy("Names with commas; empty = all.")
    )
    window_days = forms.IntegerField(
        label=gettext_lazy("Last days"), required=False, min_value=1, max_value=3650,
        help_text=gettext_lazy("Empty = ever"),
    )  # fmt: skip
    formula = forms.CharField(
        label=gettext_lazy("Formula"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("CEL over orders, spent and computed attributes: orders > 0.0 ? spent / orders : 0.0"),
    )

    def clean_event_names(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["event_names"].replace("，", ",").split(",") if name.strip()]


@dataclass(frozen=True, slots=True)
class ComputedRow:
    name: str
    label: str
    text: str
    is_filled: bool
    remove_url: str


@dataclass(frozen=True, slots=True)
class ComputedPage:
    rows: list[ComputedRow]


def computed_page(actor: Actor) -> ComputedPage:
    return ComputedPage(
        [
            ComputedRow(
                one.name,
                label_of(one.label_en, one.label_zh),
                _told(one),
                one.is_filled,
                reverse("web:profile_computed_remove", args=[one.name]),
            )
            for one in queries.computed_attributes(actor)
        ]
    )


def _told(one: ComputedAttribute) -> str:
    if one.formula:
        return one.formula
    parts = [str(OVER[one.over]), str(FUNCTIONS.get(one.function, one.function)), one.field, ", ".join(one.event_names)]
    if one.window_days:
        parts.append(ngettext("last %(n)d day", "last %(n)d days", one.window_days) % {"n": one.window_days})
    return " · ".join(part for part in parts if part)
