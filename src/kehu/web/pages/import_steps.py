"""The transform of a column in the import wizard: which there are, the form of each, values before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.clean.row_mapping import Step, apply_steps, parse_step
from kehu.collect.imports.proposing import Proposal
from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor
from kehu.govern.field_policy import mask
from kehu.web.components import Choice, Text
from kehu.web.forms import CLASSES, DressedForm

SAMPLES = 5
KINDS: Final[dict[str, tuple[Text, Text]]] = {
    "trim": (gettext_lazy("Tidy blanks"), gettext_lazy("“ 张　伟 ” → “张 伟”")),
    "case": (gettext_lazy("Capitals and small letters"), gettext_lazy("“wx-01” → “WX-01”")),
    "replace": (gettext_lazy("Replace text"), gettext_lazy("“138-0013” → “1380013”")),
    "values": (gettext_lazy("Translate words"), gettext_lazy("“先生” → “male”")),
    "default": (gettext_lazy("Fill what is empty"), gettext_lazy("“” → “CNY”")),
    "constant": (gettext_lazy("Add a column"), gettext_lazy("the same in every row")),
    "date": (gettext_lazy("Read a date"), gettext_lazy("“05/03/1988” → “1988-03-05”")),
    "extract": (gettext_lazy("Take out by a pattern"), gettext_lazy("“tel 13800138000” → “13800138000”")),
    "split": (gettext_lazy("Split in columns"), gettext_lazy("“张伟/138…” → “张伟”, “138…”")),
    "split_name": (gettext_lazy("Split a name"), gettext_lazy("“欧阳娜娜” → “欧阳”, “娜娜”")),
    "join": (gettext_lazy("Join with other columns"), gettext_lazy("“浙江省”, “杭州市” → “浙江省杭州市”")),
}


class StepForm(DressedForm):
    """One field per thing the kind must know; `step` gives the mapping's own form of it."""

    def __init__(self, kind: str, column: str, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._column = kind, column
        self.fields |= _FIELDS[kind](column, columns)
        for field in self.fields.values():
            if css := CLASSES.get(type(field.widget)):
                field.widget.attrs.setdefault("class", css)

    def step(self) -> Step:
        """Raises InvalidInput for what makes no sense together."""
        said = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        match self._kind:
            case "values":
                said["values"] = _word_pairs(said["values"])
            case "split":
                said["into"] = [name.strip() for name in said["into"].replace("，", ",").split(",") if name.strip()]
                said["at"] = said.get("at") or " "
            case "constant":
                return parse_step({"do": "constant", **said})
            case "join":
                return parse_step({"do": "join", **said, "columns": [self._column, *said["columns"]]})
            case "date":
                said["format"] = said.pop("written", "") or said["format"]
        return parse_step({"do": self._kind, "column": self._column, **said})


def _word_pairs(text: str) -> dict[str, str]:
    pairs = {}
    for line in text.splitlines():
        found, arrow, wanted = line.replace("→", "=").replace("＝", "=").partition("=")
        if not line.strip():
            continue
        if not arrow:
            raise InvalidInput("values", _("“%(line)s”: write one pair a line, such as 先生 = male.") % {"line": line})
        pairs[found.strip()] = wanted.strip()
    return pairs


def _text(label: Text, hint: Text = "", *, is_required: bool = True, initial: str = "") -> forms.CharField:
    # Not stripped: a blank may be what is looked for.
    return forms.CharField(
        label=label, help_text=hint, required=is_required, max_length=500, strip=False, initial=initial
    )


def _values_fields(column: str, columns: list[str]) -> dict[str, forms.Field]:
    return {
        "values": forms.CharField(
            label=_("Words"),
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 5}),
            help_text=_("One pair a line: word of the file = word wanted."),
        ),
        "others": forms.ChoiceField(
            label=_("Other words"), choices=[("keep", _("stay as they are")), ("empty", _("are left out"))]
        ),
    }


def _join_fields(column: str, columns: list[str]) -> dict[str, forms.Field]:
    others = [(name, name) for name in columns if name != column]
    return {
        "columns": forms.MultipleChoiceField(
            label=_("Join with"), choices=others, widget=forms.CheckboxSelectMultiple, help_text=_("In this order.")
        ),
        "by": _text(_("Put between"), _("Left empty: nothing."), is_required=False),
        "into": _text(_("New column"), initial=f"{column}+"),
    }


_FIELDS: Final[dict[str, Any]] = {
    "trim": lambda column, columns: {},
    "case": lambda column, columns: {
        "to": forms.ChoiceField(
            label=_("To"),
            choices=[("upper", _("CAPITALS")), ("lower", _("small letters")), ("title", _("First Letters"))],
        )
    },
    "replace": lambda column, columns: {
        "find": _text(_("Text to find")),
        "by": _text(_("Replace by"), _("Left empty: nothing."), is_required=False),
    },
    "values": _values_fields,
    "default": lambda column, columns: {"value": _text(_("Value"))},
    "constant": lambda column, columns: {"into": _text(_("New column")), "value": _text(_("Value"))},
    "date": lambda column, columns: {
        "format": forms.ChoiceField(
            label=_("Written as"),
            choices=[
                ("dmy", _("day, month, year: 31/12/1988")),
                ("mdy", _("month, day, year: 12/31/1988")),
                ("YYYYMMDD", "YYYYMMDD"),
                ("YYMMDD", "YYMMDD"),
            ],
        ),
        "written": _text(
            _("Or written otherwise"), _("Such as DD.MM.YY, YYYY年MM月DD日, DD/MM/YYYY HH:mm."), is_required=False
        ),
    },
    "extract": lambda column, columns: {
        "pattern": _text(_("Pattern"), _("A regular expression (RE2); the part in brackets is taken.")),
        "into": _text(_("New column"), _("Left empty: the column itself."), is_required=False),
    },
    "split": lambda column, columns: {
        "at": _text(_("Split at"), _("Left empty: at blanks."), is_required=False),
        "into": _text(_("New columns"), _("Names with commas between.")),
    },
    "split_name": lambda column, columns: {
        "surname": _text(_("Column of the surname"), initial=_("Surname")),
        "given_name": _text(_("Column of the given name"), initial=_("Given name")),
    },
    "join": _join_fields,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a step makes of one value."""

    before: str
    after: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class StepPage:
    """kinds: the choices of what to do, each with its address. form: None until one is chosen."""

    title: str
    column: str
    url: str
    preview_url: str
    kinds: list[tuple[Choice, Text, str]]
    kind: str
    form: StepForm | None
    changes: list[Change]
    error: str = ""


def step_form(proposal: Proposal, column: str, kind: str, data: Any = None) -> StepForm | None:
    if kind not in KINDS:
        return None
    return StepForm(kind, column, [one.column for one in proposal.columns], data)


def step_page(
    actor: Actor, proposal: Proposal, column: str, kind: str, form: StepForm | None, error: str = ""
) -> StepPage:
    place = [one.column for one in proposal.columns].index(column)
    address = reverse("web:import_step", args=[proposal.import_id, place])
    kinds = [
        (Choice(name, label, name == kind), example, f"{address}?do={name}")
        for name, (label, example) in KINDS.items()
        if name != "join" or len(proposal.columns) > 1
    ]
    samples = [Change(_shown(actor, one), "", False) for one in _samples(proposal, column)]
    return StepPage(
        title=_("Change the values of “%(column)s”") % {"column": column},
        column=column,
        url=f"{address}?do={kind}" if kind else address,
        preview_url=reverse("web:import_step_preview", args=[proposal.import_id, place]) + f"?do={kind}",
        kinds=kinds,
        kind=kind,
        form=form,
        changes=samples,
        error=error,
    )


def changes_of(actor: Actor, proposal: Proposal, column: str, step: Step) -> list[Change]:
    """The first values of the column, and what the step leaves of them: in the column, or in those it makes."""
    found = []
    for row in _sample_rows(proposal):
        after = apply_steps(row, [step])
        told = " · ".join(str(after.get(name, "")) for name in (step.makes or (column,)))
        before = str(row.get(column, ""))
        found.append(Change(_shown(actor, before), _shown(actor, told), before != told))
    return found


def _sample_rows(proposal: Proposal) -> list[Mapping[str, Any]]:
    """The columns' samples side by side: position by position they are of the same row."""
    count = min(SAMPLES, max((len(one.samples) for one in proposal.columns), default=0))
    return [
        {one.column: one.samples[place] for one in proposal.columns if place < len(one.samples) and one.samples[place]}
        for place in range(count)
    ]


def _samples(proposal: Proposal, column: str) -> tuple[str, ...]:
    return next((one.samples[:SAMPLES] for one in proposal.columns if one.column == column), ())


def _shown(actor: Actor, value: str) -> str:
    return str(mask(actor, "", value))[:80]


def step_text(step: Mapping[str, Any]) -> str:
    """A step of the draft in a few words."""
    label = str(KINDS[step["do"]][0])
    of = step.get("column") or ", ".join(step.get("columns", ()))
    made = step.get("into") or [step[name] for name in ("surname", "given_name") if name in step]
    into = made if isinstance(made, str) else ", ".join(made)
    detail = step.get("format") or step.get("pattern") or step.get("value") or step.get("find") or ""
    return " ".join(
        part for part in (f"{of}: {label}" if of else label, detail and f"“{detail}”", into and f"→ {into}") if part
    )
