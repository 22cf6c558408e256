"""Purposes and the notice: what data is used for, and what people were told of it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kehu.core.errors import DomainError
from kehu.govern.access import actor_of, requires
from kehu.govern.consent import queries, services
from kehu.govern.consent.addresses import CHANNELS
from kehu.govern.consent.models import Basis, Separate
from kehu.web import toasts
from kehu.web.forms import DressedForm
from kehu.web.pages.privacy import privacy_tabs
from kehu.web.views.sources import refuse
from kehu.web.vocabulary import CHANNELS as CHANNEL_NAMES


class PurposeForm(DressedForm):
    name_zh = forms.CharField(label=lazy("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=lazy("Name in English"), max_length=80)
    text_zh = forms.CharField(
        label=lazy("What people are told, in Chinese"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    text_en = forms.CharField(
        label=lazy("What people are told, in English"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    basis = forms.ChoiceField(label=lazy("Basis"), choices=Basis.choices)
    separate = forms.ChoiceField(
        label=lazy("Needs a yes of its own"),
        choices=Separate.choices,
        required=False,
        help_text=lazy("Asked by itself, never bundled with another question."),
    )
    retention_days = forms.IntegerField(label=lazy("Kept for, in days"), required=False, min_value=1)
    ask_again_after_days = forms.IntegerField(label=lazy("Not asked again within, in days"), min_value=1)
    is_marketing = forms.BooleanField(label=lazy("Is marketing"), required=False)
    is_profiling = forms.BooleanField(label=lazy("Uses a profile of the person"), required=False)
    is_active = forms.BooleanField(label=lazy("In use"), required=False)
    asks_anew = forms.BooleanField(
        label=lazy("Ask everybody anew"),
        required=False,
        help_text=lazy("When what the data is used for has changed: no yes from before counts any more."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NewPurposeForm(PurposeForm):
    field_order = ("slug",)
    slug = forms.SlugField(
        label=lazy("Short name"), max_length=40, help_text=lazy("What programs call it; it stays. Like: survey")
    )
    channels = forms.MultipleChoiceField(
        label=lazy("Channels"),
        choices=[(channel, CHANNEL_NAMES[channel]) for channel in CHANNELS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class NoticeForm(DressedForm):
    text_zh = forms.CharField(label=lazy("Notice in Chinese"), widget=forms.Textarea(attrs={"rows": 14}))
    text_en = forms.CharField(label=lazy("Notice in English"), widget=forms.Textarea(attrs={"rows": 14}))


@requires("privacy.view")
def show_purposes(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "tabs": privacy_tabs("purposes", actor),
        "rows": [(one, queries.name_of(one)) for one in queries.purposes(actor)],
        "notice": queries.newest_notice(),
        "can_manage": actor.can("purpose.manage"),
    }
    return render(request, "web/purposes.html", context)


@requires("privacy.view", "purpose.manage")
def new_purpose(request: HttpRequest) -> HttpResponse:
    initial = {"ask_again_after_days": 180, "is_active": True}
    form = NewPurposeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name not in ("asks_anew", "version")}
        try:
            services.enter_purpose(fields.pop("slug"), actor=actor_of(request), **fields)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:privacy_purposes")
    return _form(request, form, _("New purpose"), _("Enter"))


@requires("privacy.view", "purpose.manage")
def edit_purpose(request: HttpRequest, purpose: str) -> HttpResponse:
    """Another text, another basis; or what it is used for changed, and everybody is asked anew."""
    actor = actor_of(request)
    known = queries.purpose(actor, purpose)
    initial: dict[str, Any] = {name: getattr(known, name) for name in PurposeForm.base_fields if hasattr(known, name)}
    form = PurposeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            services.save_purpose(purpose, actor=actor, **fields)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:privacy_purposes")
    return _form(request, form, queries.name_of(known), _("Save"))


@requires("privacy.view", "purpose.manage")
def publish_notice(request: HttpRequest) -> HttpResponse:
    newest = queries.newest_notice()
    initial = {"text_zh": newest.text_zh, "text_en": newest.text_en} if newest else {}
    form = NoticeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        version = services.publish_notice(actor=actor_of(request), **form.cleaned_data)
        toasts.tell(request, _("Published as version %(n)d.") % {"n": version})
        return redirect("web:privacy_purposes")
    return _form(request, form, _("Notice"), _("Publish"))


def _form(request: HttpRequest, form: DressedForm, title: str, submit: str) -> HttpResponse:
    back = reverse("web:privacy_purposes")
    context = {"form": form, "title": title, "submit": submit, "back_url": back, "back_label": _("Purposes")}
    return render(request, "web/form.html", context, status=422 if form.errors else 200)
