"""The form of a customer: what people type most, each checked by the same cleaners as every message."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kehu.clean.email_addresses import EmailAddress
from kehu.clean.phone_numbers import PhoneNumber
from kehu.web.forms import DressedForm

NOT_SAID = frozenset({"kind", "version"})


class CustomerForm(DressedForm):
    """masked: attributes the person sees only masked, shown as placeholders and left alone unless typed over.
    closed: those the person may not write, which are no fields of theirs.
    """

    kind = forms.ChoiceField(label=_("Kind"), choices=[("person", _("Person")), ("organisation", _("Organisation"))])
    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=200, required=False)
    gender = forms.ChoiceField(
        label=_("Gender"), required=False, choices=[("", "—"), ("female", _("female")), ("male", _("male"))]
    )
    birth_date = forms.CharField(
        label=_("Birth date"), max_length=30, required=False, help_text=_("1988-06-17, or a lunar date")
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    job_title = forms.CharField(label=_("Job title"), max_length=100, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        masked: Collection[str] = (),
        closed: Collection[str] = (),
        is_known: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if is_known:
            self.fields["kind"].disabled = True
            self.fields["name"].required = False
            for name in self.fields.keys() - NOT_SAID:
                self.fields[name].show_hidden_initial = True
        for name in closed:
            del self.fields[name]
        for name in self.fields.keys() & masked:
            self.fields[name].help_text = _("There is a value you see only masked. Type to replace it.")

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"].strip()
        parsed = PhoneNumber.parse(text) if text else None
        if text and text != self.initial.get("phone") and (parsed is None or parsed.kind == "invalid"):
            raise forms.ValidationError(_("This is no telephone number: check the digits, add +country if abroad."))
        return text

    def clean_email(self) -> str:
        text: str = self.cleaned_data["email"].strip()
        if text and text != self.initial.get("email") and EmailAddress.parse(text) is None:
            raise forms.ValidationError(_("This is no e-mail address: it needs a name, an @ and a domain."))
        return text

    def said(self) -> dict[str, str]:
        """What was typed, by attribute."""
        return {name: text for name, text in self.cleaned_data.items() if name not in NOT_SAID and text}

    def changed(self) -> dict[str, str | None]:
        """What differs from what the person was shown; emptied fields as None, those not sent left alone.

        What was shown comes back with the form: what others changed meanwhile is not this person's change.
        """
        changed: dict[str, str | None] = {}
        for name, text in self.cleaned_data.items():
            if name not in NOT_SAID and name in self.data and text != self.shown(name):
                changed[name] = text or None
        return changed

    def shown(self, name: str) -> str:
        """The field's value as the page had it. A masked one was shown as nothing."""
        return str(self.data.get(f"initial-{name}", self.initial.get(name, ""))).strip()
