"""Forms of the pages, dressed for the design system."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kehu.collect.source_kinds import SOURCE_KINDS
from kehu.govern.models import User

CLASSES: dict[type[forms.Widget], str] = {
    forms.TextInput: "input",
    forms.EmailInput: "input",
    forms.NumberInput: "input",
    forms.FileInput: "input",
    forms.ClearableFileInput: "input",
    forms.Select: "select",
    forms.Textarea: "textarea",
}


class DressedForm(forms.Form):
    """Gives every widget its class, and ties errors to their field for screen readers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if css := CLASSES.get(type(field.widget)):
                field.widget.attrs.setdefault("class", css)


class SourceForm(DressedForm):
    name = forms.CharField(label=_("Source name"), max_length=100, help_text=_("As your people call it: Tmall store."))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=lambda: [(kind.name, kind.label) for kind in SOURCE_KINDS.values() if kind.name != "native"],
    )
    trust_rank = forms.IntegerField(
        label=_("Trust rank"),
        min_value=0,
        max_value=100,
        initial=50,
        help_text=_("Where sources disagree the higher rank wins: 0 to 100."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"), initial="Asia/Shanghai", help_text=_("For times that come without one.")
    )
    order_namespace = forms.CharField(
        label=_("Order numbers of"),
        max_length=40,
        required=False,
        help_text=_("Two sources that report the same orders share this name."),
    )


class SourceEditForm(SourceForm):
    owner_id = forms.TypedChoiceField(
        label=_("Answers for it"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", "—"), *((user.pk, str(user)) for user in User.objects.filter(is_active=True)[:500])],
    )
    is_enabled = forms.TypedChoiceField(
        label=_("State"),
        choices=[("1", _("takes messages")), ("0", _("switched off"))],
        coerce=lambda value: value == "1",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"]
