"""Forms of people, departments, roles and keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kehu.govern import queries as govern
from kehu.govern.access import Actor
from kehu.govern.models import Role
from kehu.web.forms import DressedForm

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("never"))]


def department_choices(blank: Any = "—") -> list[tuple[str, Any]]:
    """The tree, indented as it lies."""
    branches = [(str(one.id), "\u3000" * one.depth + one.name) for one in govern.department_branches()]
    return [("", blank), *branches]


def role_choices() -> list[tuple[str, str]]:
    return [(role.slug, str(role)) for role in Role.objects.order_by("id")]


def people_choices() -> list[tuple[str, str]]:
    return [(str(id_), name) for id_, name in govern.active_people()]


def team_choices(blank: Any = "—") -> list[tuple[str, Any]]:
    return [("", blank), *[(str(team.id), team.name) for team in govern.teams()]]


def _whole(value: Any) -> int | None:
    return int(value) if value else None


class PersonForm(DressedForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    email = forms.EmailField(label=_("E-mail"), help_text=_("What they sign in with."))
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
    department_id = forms.TypedChoiceField(
        label=_("Department"), choices=department_choices, coerce=_whole, empty_value=None, required=False
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class PersonEditForm(PersonForm):
    """Only what the actor may change: whoever gives roles need not be who manages people."""

    is_active = forms.TypedChoiceField(
        label=_("State"),
        choices=[("1", _("may sign in")), ("0", _("is not let in"))],
        coerce=lambda value: value == "1",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"]
        if not actor.can("user.manage"):
            for name in ("name", "department_id", "language", "is_active"):
                del self.fields[name]


class DepartmentForm(DressedForm):
    name = forms.CharField(label=_("Known as"), max_length=100)
    parent_id = forms.TypedChoiceField(
        label=_("Below"), choices=department_choices, coerce=_whole, empty_value=None, required=False
    )


class TeamForm(DressedForm):
    name = forms.CharField(label=_("Known as"), max_length=100)
    member_ids = forms.TypedMultipleChoiceField(
        label=_("Members"),
        choices=people_choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class TerritoryForm(DressedForm):
    name = forms.CharField(label=_("Known as"), max_length=100)
    places = forms.CharField(
        label=_("Places"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, as addresses begin: 浙江省杭州市."),
    )
    team_id = forms.TypedChoiceField(
        label=_("Team"), choices=team_choices, coerce=_whole, empty_value=None, required=False
    )
    department_id = forms.TypedChoiceField(
        label=_("Or department"), choices=department_choices, coerce=_whole, empty_value=None, required=False
    )

    def clean_places(self) -> list[str]:
        return str(self.cleaned_data["places"]).splitlines()


class TokenForm(DressedForm):
    name = forms.CharField(label=_("What for"), max_length=100, help_text=_("The program that will use it: ERP."))
    user_id = forms.TypedChoiceField(label=_("Acts as"), choices=people_choices, coerce=int)
    days = forms.TypedChoiceField(label=_("Expires"), choices=DAYS, coerce=_whole, empty_value=None, required=False)


class ShareForm(DressedForm):
    """With one of three, named user:7, team:2 or department:4."""

    whom = forms.ChoiceField(label=_("With"))
    reason = forms.CharField(label=_("Why"), max_length=500)
    days = forms.TypedChoiceField(label=_("For"), choices=DAYS, coerce=_whole, empty_value=None, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            (_("Staff"), [(f"user:{key}", name) for key, name in people_choices()]),
            (_("Teams"), [(f"team:{key}", name) for key, name in team_choices()[1:]]),
            (_("Departments"), [(f"department:{key}", name) for key, name in department_choices()[1:]]),
        ]


class SetUpForm(DressedForm):
    name = forms.CharField(label=_("Your name"), max_length=100)
    email = forms.EmailField(label=_("E-mail"), help_text=_("What you sign in with."))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters; a sentence is easiest to keep in mind."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input"}),
        strip=False,
    )
