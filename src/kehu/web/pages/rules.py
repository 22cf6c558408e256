"""The cleaning rules: the list in its order, one with what it did, its form with a trial, the versions."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.clean import queries as clean
from kehu.clean.queries import Effect, VersionLine
from kehu.clean.rule_wording import EFFECTS, KINDS, OUTCOMES
from kehu.clean.rules.rule import Outcome, Rule
from kehu.core.errors import NotFound
from kehu.govern.access import Actor
from kehu.quality import queries as quality
from kehu.rule_trials import Trial
from kehu.web import live
from kehu.web.components import Action, Empty, Spark, Text
from kehu.web.components import Figure as ShownFigure
from kehu.web.rule_forms import said_by
from kehu.web.vocabulary import attribute_label
from kehu.web.waterfalls import draw_spark
from kehu.web.wording import format_count

DAYS = 30
PAGE_SIZE = 50
ICONS = {
    "required": "circle-check",
    "pattern": "forms",
    "range": "adjustments-horizontal",
    "allowed_values": "list",
    "condition": "scale",
    "flag": "alert-triangle",
    "transform": "replace",
    "look_up": "table",
    "derive": "bolt",
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in the list, in its place. tone of the outcome: danger when it holds messages back."""

    key: str
    name: str
    icon: str
    kind: Text
    scope: str
    outcome: Text
    tone: str
    effect: Effect
    is_on: bool
    url: str
    switch_url: str
    move_url: str
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class RulesPage:
    rules: list[RuleLine]
    version: int
    count_text: str
    note: str
    actions: list[Action]
    can_manage: bool
    empty: Empty


@dataclass(frozen=True, slots=True)
class KindChoice:
    label: Text
    note: Text
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class FoundRow:
    name: str
    url: str
    source: str
    record: str
    attribute: Text
    effect: Text
    was: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RulePage:
    key: str
    name: str
    kind: Text
    version: int
    actions: list[Action]
    figures: list[ShownFigure]
    spark: Spark
    settings: list[tuple[Text, str]]
    rows: list[FoundRow]
    empty: Empty
    next_url: str = ""
    first_url: str = ""


@dataclass(frozen=True, slots=True)
class TrialRow:
    name: str
    seen: int
    changed: int
    failed: int
    quarantined: int
    errors: int
    cost: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class TrialCard:
    """What a trial found, in a sentence, per rule and by example."""

    text: str
    notes: list[str]
    rows: list[TrialRow]
    examples: list[tuple[str, Text, str, str]]


@dataclass(frozen=True, slots=True)
class VersionRow:
    title: str
    changes: list[str]
    note: str
    author: str
    at: datetime
    is_current: bool
    restore_url: str
    export_url: str


@dataclass(frozen=True, slots=True)
class VersionsPage:
    version: int
    rows: list[VersionRow]
    can_manage: bool
    empty: Empty = field(
        default_factory=lambda: Empty("versions", _("No version yet"), _("Every save of a rule makes one."))
    )


def rules_page(actor: Actor) -> RulesPage:
    current = clean.rules_in_force(actor)
    effects = clean.rule_effects(actor, days=DAYS)
    rules, can_manage = current.rules.rules, actor.can("profile.manage")
    new = Action(_("New rule"), reverse("web:rule_new"), "plus", is_main=True, key="c")
    actions = [
        Action(_("Versions"), reverse("web:rule_versions"), "versions"),
        Action(_("Export"), reverse("web:rules_export"), "download"),
    ]
    if can_manage:
        actions = [*actions, Action(_("Import"), reverse("web:rules_import"), "upload"), *([new] if rules else [])]
    return RulesPage(
        rules=[
            _line(rule, effects.get(rule.key, Effect()), is_first=n == 0, is_last=n == len(rules) - 1)
            for n, rule in enumerate(rules)
        ],
        version=current.version,
        count_text=format_count(len(rules)) if rules else "",
        note=_("They run in this order over everything that comes in, after normalising and before matching."),
        actions=actions,
        can_manage=can_manage,
        empty=Empty(
            "adjustments-horizontal",
            _("No rule yet"),
            _("A rule checks, mends, derives or holds back what comes in. It is tried on real messages first."),
            new if can_manage else None,
        ),
    )


def kind_choices() -> list[KindChoice]:
    notes = {
        "required": _("A record must say this attribute."),
        "pattern": _("A value must fit a pattern."),
        "range": _("A number or a date lies between two ends."),
        "allowed_values": _("A value is one of a list."),
        "condition": _("Several fields must go together: an expression that has to hold."),
        "flag": _("What an expression finds is marked, left out or held back."),
        "transform": _("Small changes of text, one after the other."),
        "look_up": _("Many spellings, one standard value."),
        "derive": _("A value worked out from others."),
    }
    address = reverse("web:rule_new")
    return [KindChoice(label, notes[kind], ICONS[kind], f"{address}?kind={kind}") for kind, label in KINDS.items()]


def rule_page(actor: Actor, key: str, *, after: UUID | None) -> RulePage:
    """Raises NotFound."""
    current = clean.rules_in_force(actor)
    rule = current.rules.rule(key)
    if rule is None:
        raise NotFound("rule", key)
    by_day = clean.rule_effect_by_day(actor, key, days=DAYS)
    whole = Effect(*(sum(getattr(effect, name) for effect in by_day.values()) for name in Effect.__dataclass_fields__))
    struck = [effect.struck for effect in by_day.values()]
    found = quality.records_of_rule(actor, key, after=after, limit=PAGE_SIZE + 1) if actor.can("customer.view") else []
    address = reverse("web:rule", args=[key])
    return RulePage(
        key=key,
        name=rule.name,
        kind=KINDS[rule.kind],
        version=current.version,
        actions=_actions(actor, rule),
        figures=[
            ShownFigure(_("Looked at"), format_count(whole.seen), note=_("touches, %d days") % DAYS),
            ShownFigure(_("Changed"), format_count(whole.changed)),
            ShownFigure(_("Failed"), format_count(whole.failed), "warn" if whole.failed else ""),
            ShownFigure(_("Held back"), format_count(whole.quarantined), "warn" if whole.quarantined else ""),
            ShownFigure(_("Not worked out"), format_count(whole.errors), "warn" if whole.errors else ""),
        ],
        spark=draw_spark(
            struck,
            ngettext("struck %(n)s time in %(days)d days", "struck %(n)s times in %(days)d days", sum(struck))
            % {"n": format_count(sum(struck)), "days": DAYS},
        ),
        settings=_settings(rule),
        rows=[_found(row) for row in found[:PAGE_SIZE]],
        empty=Empty("circle-check", _("No record stands under this rule now")),
        next_url=f"{address}?after={found[PAGE_SIZE - 1].record_id}" if len(found) > PAGE_SIZE else "",
        first_url=address if after else "",
    )


def trial_card(trial: Trial, names: dict[str, str], key: str = "") -> TrialCard:
    """key: of the rule being written, which stands out."""
    text = ngettext("Over %(n)s real message of late:", "Over the newest %(n)s real messages:", trial.messages) % {
        "n": format_count(trial.messages)
    }
    changed = ngettext(
        "%(n)s touch would carry other values", "%(n)s touches would carry other values", trial.touches_changed
    ) % {"n": format_count(trial.touches_changed)}
    held = ngettext(
        "%(n)s more message would be held back", "%(n)s more messages would be held back", trial.held_back
    ) % {"n": format_count(trial.held_back)}
    notes = []
    if trial.released:
        notes.append(
            ngettext(
                "%(n)s message held back today would pass.",
                "%(n)s messages held back today would pass.",
                trial.released,
            )
            % {"n": format_count(trial.released)}
        )
    if trial.unreadable:
        notes.append(
            ngettext(
                "%(n)s message cannot be read with or without rules.",
                "%(n)s messages cannot be read with or without rules.",
                trial.unreadable,
            )
            % {"n": format_count(trial.unreadable)}
        )
    if trial.is_cut:
        notes.append(_("It took too long and was cut short: these rules are slow."))
    if not trial.messages:
        notes.append(_("No message of these sources is at hand to try the rules on."))
    return TrialCard(
        text=_("%(over)s %(changed)s, %(held)s.") % {"over": text, "changed": changed, "held": held},
        notes=notes,
        rows=[
            TrialRow(
                names.get(one, one),
                counted.seen,
                counted.changed,
                counted.failed,
                counted.quarantined,
                counted.errors,
                f"{counted.cost_us:.1f} µs",
                one == key,
            )
            for one, counted in trial.by_rule.items()
        ],
        examples=[
            (f"{example.source} {example.record}", attribute_label(example.attribute), example.before, example.after)
            for example in trial.examples
        ],
    )


def versions_page(actor: Actor) -> VersionsPage:
    lines = clean.rules_versions(actor)
    current = lines[0].version if lines else 0
    can_manage = actor.can("profile.manage")
    return VersionsPage(current, [_version(line, current, can_manage=can_manage) for line in lines], can_manage)


def _version(line: VersionLine, current: int, *, can_manage: bool) -> VersionRow:
    changes = [
        text % {"keys": ", ".join(keys)}
        for text, keys in (
            (_("added %(keys)s"), line.added),
            (_("changed %(keys)s"), line.changed),
            (_("removed %(keys)s"), line.removed),
        )
        if keys
    ]
    is_current = line.version == current
    return VersionRow(
        title=_("Version %d") % line.version,
        changes=changes or [_("another order")],
        note=line.note,
        author=live.people_names().get(line.author_id or 0, ""),
        at=line.created_at,
        is_current=is_current,
        restore_url="" if is_current or not can_manage else reverse("web:rules_restore", args=[line.version]),
        export_url=f"{reverse('web:rules_export')}?version={line.version}",
    )


def _line(rule: Rule, effect: Effect, *, is_first: bool, is_last: bool) -> RuleLine:
    return RuleLine(
        key=rule.key,
        name=rule.name,
        icon=ICONS[rule.kind],
        kind=KINDS[rule.kind],
        scope=_scope(rule),
        outcome=OUTCOMES[rule.outcome] if rule.is_check or rule.outcome is not Outcome.MARK else "",
        tone="danger" if rule.outcome is Outcome.QUARANTINE else "",
        effect=effect,
        is_on=rule.is_on,
        url=reverse("web:rule", args=[rule.key]),
        switch_url=reverse("web:rule_switch", args=[rule.key]),
        move_url=reverse("web:rule_move", args=[rule.key]),
        is_first=is_first,
        is_last=is_last,
    )


def _scope(rule: Rule) -> str:
    attribute = str(attribute_label(rule.attribute)) if rule.attribute else _("the whole record")
    return f"{attribute} · {', '.join(rule.sources)}" if rule.sources else attribute


def _actions(actor: Actor, rule: Rule) -> list[Action]:
    if not actor.can("profile.manage"):
        return []
    return [
        Action(_("Change"), reverse("web:rule_edit", args=[rule.key]), "edit", is_main=True, key="e"),
        Action(_("Remove"), reverse("web:rule_remove", args=[rule.key]), "trash"),
    ]


def _settings(rule: Rule) -> list[tuple[Text, str]]:
    lines: list[tuple[Text, str]] = [
        (_("Rule key"), rule.key),
        (_("Attribute"), str(attribute_label(rule.attribute)) if rule.attribute else _("the whole record")),
        *_particulars(rule),
    ]
    if rule.is_check or rule.outcome is not Outcome.MARK:
        lines.append((_("What fails"), str(OUTCOMES[rule.outcome])))
    if rule.when:
        lines.append((_("Only when"), rule.when))
    lines.append((_("Sources"), ", ".join(rule.sources) or _("all")))
    lines.append((_("State"), _("on") if rule.is_on else _("off")))
    if rule.note:
        lines.append((_("What it is for"), rule.note))
    return lines


def _particulars(rule: Rule) -> list[tuple[Text, str]]:
    labels = {
        "pattern": _("Pattern"),
        "least": _("At least"),
        "most": _("At most"),
        "values": _("Values"),
        "expression": _("Expression"),
        "steps": _("Steps"),
        "table": _("Table"),
    }
    said = said_by(rule)
    return [(label, str(said[name])) for name, label in labels.items() if said.get(name)]


def _found(row: quality.FailingRow) -> FoundRow:
    attribute, _colon, effect = row.note.partition(":")
    return FoundRow(
        name=row.customer_name or row.external_id,
        url=reverse("web:customer", args=[row.customer_id]),
        source=live.source_name(row.source_id),
        record=row.external_id,
        attribute=attribute_label(attribute) if attribute else "",
        effect=EFFECTS.get(effect, effect),
        was=row.value,
        at=row.at,
    )
