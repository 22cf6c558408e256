"""`/design`: every component in all its states."""

from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from kehu.govern.access import signed_in
from kehu.web.samples import sample_context

ICONS = (Path(__file__).parents[1] / "icons.txt").read_text().split()


class SampleForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        help_text=_("As on the identity card, or as the person writes it."),
        widget=forms.TextInput({"class": "input"}),
    )
    phone = forms.CharField(label=_("Phone"), widget=forms.TextInput({"class": "input"}))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("person", _("Person"))], widget=forms.Select({"class": "select"})
    )


@signed_in
def show_design(request: HttpRequest) -> HttpResponse:
    form = SampleForm({"name": "张伟", "phone": "", "kind": "person"})
    return render(request, "design/design.html", {**sample_context(), "form": form, "icons": ICONS})
