"""The form of a cleaning rule, one shape per kind, and the way between what it holds and the rule."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from kehu.clean.rule_wording import OUTCOMES
from kehu.clean.rules.rule import (
    AllowedValues,
    Condition,
    Deed,
    Derive,
    Flag,
    LookUp,
    Outcome,
    Pattern,
    Range,
    Required,
    Rule,
    Transform,
)
from kehu.clean.rules.steps import OPERATIONS, read_steps, write_steps
from kehu.clean.touches import DEVICE, ORGANISATION, PERSON
from kehu.extend import queries as catalogue
from kehu.web.forms import DressedForm

_TEXT: Final = {"rows": 3, "spellcheck": "false", "class": "textarea textarea--short"}
_MANY: Final = {"class": "select select--many", "size": 4}
RECORD_KINDS: Final = ((PERSON, _("persons")), (ORGANISATION, _("organisations")), (DEVICE, _("devices")))
_EXPRESSION_HELP = _(
    "CEL, as in: a.city == '上海' && has(a.phone). a: the attributes by name; also source, kind, today, at, events."
)


def _kind_fields() -> dict[str, dict[str, forms.Field]]:
    """The fields only this kind of rule has, by kind."""
    expression = forms.CharField(
        label=_("Expression"), max_length=2000, widget=forms.Textarea(_TEXT), help_text=_EXPRESSION_HELP
    )
    return {
        "required": {},
        "pattern": {
            "pattern": forms.CharField(
                label=_("Pattern"),
                max_length=500,
                help_text=_("RE2, over the whole value after normalising: \\+861\\d{10} for Chinese mobile numbers."),
            )
        },
        "range": {
            "least": forms.CharField(label=_("At least"), required=False, max_length=40),
            "most": forms.CharField(
                label=_("At most"), required=False, max_length=40, help_text=_("Numbers, or dates: 1900-01-01, today.")
            ),
        },
        "allowed_values": {
            "values": forms.CharField(
                label=_("Values"), widget=forms.Textarea(_TEXT | {"rows": 6}), help_text=_("One a line.")
            )
        },
        "condition": {"expression": expression},
        "flag": {"expression": expression},
        "transform": {
            "steps": forms.CharField(
                label=_("Steps"),
                widget=forms.Textarea(_TEXT | {"rows": 5}),
                help_text=_("One a line, in order: %(steps)s. With a text: prefix VIP-, replace [ -]+ => _")
                % {"steps": ", ".join(OPERATIONS)},
            )
        },
        "look_up": {
            "table": forms.CharField(
                label=_("Table"),
                widget=forms.Textarea(_TEXT | {"rows": 8}),
                help_text=_("One a line: 沪 = 上海. Case and width of letters do not matter."),
            ),
            "is_complete": forms.BooleanField(
                label=_("What the table does not know fails"), required=False, widget=forms.CheckboxInput()
            ),
        },
        "derive": {
            "expression": forms.CharField(
                label=_("Expression"), max_length=2000, widget=forms.Textarea(_TEXT), help_text=_EXPRESSION_HELP
            ),
            "overwrites": forms.BooleanField(
                label=_("Also where a value was sent"), required=False, widget=forms.CheckboxInput()
            ),
        },
    }


_READ: Final[dict[str, Callable[[str, dict[str, Any]], Deed]]] = {
    "required": lambda attribute, said: Required(attribute),
    "pattern": lambda attribute, said: Pattern(attribute, said["pattern"]),
    "range": lambda attribute, said: Range(attribute, said["least"], said["most"]),
    "allowed_values": lambda attribute, said: AllowedValues(attribute, tuple(_lines(said["values"]))),
    "condition": lambda attribute, said: Condition(said["expression"], attribute),
    "flag": lambda attribute, said: Flag(said["expression"], attribute),
    "transform": lambda attribute, said: Transform(attribute, read_steps(said["steps"])),
    "look_up": lambda attribute, said: LookUp(attribute, _table(said["table"]), said["is_complete"]),
    "derive": lambda attribute, said: Derive(attribute, said["expression"], said["overwrites"]),
}
_CHANGES: Final = frozenset({"transform", "derive"})
_OF_RECORDS: Final = frozenset({"condition", "flag"})


class RuleForm(DressedForm):
    """A rule as a steward writes it. base_version: of the set it was read from."""

    name = forms.CharField(label=_("Rule name"), max_length=100, help_text=_("As your people would say it."))
    attribute = forms.ChoiceField(label=_("Attribute"), required=False)
    outcome = forms.ChoiceField(
        label=_("What fails"), choices=[(one.value, label) for one, label in OUTCOMES.items()], required=False
    )
    when = forms.CharField(
        label=_("Only when"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(_TEXT | {"rows": 2}),
        help_text=_("An expression; empty = always."),
    )
    sources = forms.MultipleChoiceField(
        label=_("Only these sources"), required=False, widget=forms.SelectMultiple(_MANY), help_text=_("None = all.")
    )
    record_kinds = forms.MultipleChoiceField(
        label=_("Only these records"),
        required=False,
        choices=RECORD_KINDS,
        widget=forms.SelectMultiple(_MANY),
        help_text=_("None = persons and organisations."),
    )
    rule_note = forms.CharField(label=_("What it is for"), required=False, max_length=2000)
    note = forms.CharField(
        label=_("Why this change"), required=False, max_length=2000, help_text=_("Kept with the version.")
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, kind: str, sources: list[tuple[str, str]], *args: Any, rule: Rule | None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = {**said_by(rule), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.kind, self.rule = kind, rule
        own = _kind_fields()[kind]
        order = ["name", "attribute", *own, "outcome", "when", "sources", "record_kinds", "rule_note", "note"]
        self.fields.update(own)
        self.order_fields(order)
        choices = [(one.name, str(one.label)) for one in catalogue.catalogue()]
        if rule is not None and rule.attribute and rule.attribute not in dict(choices):
            choices.append((rule.attribute, rule.attribute))
        whole = [("", _("the whole record"))] if kind in _OF_RECORDS else []
        self.fields["attribute"].choices = [*whole, *choices]  # type: ignore[attr-defined]
        self.fields["attribute"].required = kind not in _OF_RECORDS
        known = [*sources, *((slug, slug) for slug in (rule.sources if rule else ()) if slug not in dict(sources))]
        self.fields["sources"].choices = known  # type: ignore[attr-defined]
        if kind in _CHANGES:
            del self.fields["outcome"]
        for name in own:
            if not isinstance(self.fields[name].widget, forms.CheckboxInput):
                self.fields[name].widget.attrs.setdefault("class", "input")

    def to_rule(self, taken: set[str]) -> Rule:
        """The rule of a valid form. taken: keys a new rule may not have."""
        said = self.cleaned_data
        return Rule(
            key=self.rule.key if self.rule else free_key(said["name"], self.kind, taken),
            name=said["name"].strip(),
            does=_READ[self.kind](said["attribute"], said),
            outcome=Outcome(said.get("outcome") or Outcome.MARK),
            sources=tuple(said["sources"]),
            record_kinds=tuple(said["record_kinds"]),
            when=said["when"].strip(),
            is_on=self.rule.is_on if self.rule else True,
            note=said["rule_note"].strip(),
        )


class RuleFileForm(DressedForm):
    """A file of rules to be put in force."""

    file = forms.FileField(label=_("File of rules"), help_text=_("As written by “Export”: JSON."))
    note = forms.CharField(label=_("Why this change"), required=False, max_length=2000)
    base_version = forms.IntegerField(widget=forms.HiddenInput)


def free_key(name: str, kind: str, taken: set[str]) -> str:
    """A key made of the name's latin words, else of the kind; numbered when another rule has it."""
    stem = slugify(name)[:40].strip("-") or kind.replace("_", "-")
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def said_by(rule: Rule) -> dict[str, Any]:
    """What the form of an existing rule shows."""
    does = rule.does
    said: dict[str, Any] = {
        name: getattr(does, name) for name in type(does).__struct_fields__ if name not in {"steps", "table", "values"}
    }
    match does:
        case Transform():
            said["steps"] = write_steps(does.steps)
        case LookUp():
            said["table"] = "\n".join(f"{given} = {standard}" for given, standard in does.table.items())
        case AllowedValues():
            said["values"] = "\n".join(does.values)
    fields = msgspec.structs.asdict(rule)
    return {
        **said,
        **{name: fields[name] for name in ("name", "when", "sources", "record_kinds")},
        "outcome": rule.outcome.value,
        "rule_note": rule.note,
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _table(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in _lines(text))
    return {given.strip(): standard.strip() for given, equals, standard in pairs if equals and given.strip()}
