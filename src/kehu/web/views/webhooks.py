"""Webhooks: list, one with its messages, new, change, rotate, send again."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.feed import queries, services
from kehu.feed.changes import KINDS
from kehu.govern.access import actor_of, requires
from kehu.web import toasts
from kehu.web.forms import DressedForm
from kehu.web.pages.webhooks import KIND_NAMES, webhook_page, webhooks_page
from kehu.web.views.sources import refuse

SHOWN_ONCE = "new_key_of_webhook"


class WebhookForm(DressedForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("https, reachable from the internet. Messages name customers by id alone."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Hears of"),
        choices=[(kind, KIND_NAMES[kind]) for kind in KINDS],
        initial=list(KINDS),
        widget=forms.CheckboxSelectMultiple,
    )


class WebhookEditForm(WebhookForm):
    is_enabled = forms.TypedChoiceField(
        label=gettext_lazy("State"),
        choices=[("1", gettext_lazy("on")), ("0", gettext_lazy("off"))],
        coerce=lambda value: value == "1",
    )


@requires("webhook.manage")
def show_webhooks(request: HttpRequest) -> HttpResponse:
    return render(request, "web/webhooks.html", {"page": webhooks_page(actor_of(request))})


@requires("webhook.manage")
def show_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    before = request.GET.get("before", "")
    before_id = int(before) if before.isdecimal() and len(before) < 19 else None
    secret = request.session.pop(f"{SHOWN_ONCE}_{webhook_id}", "")
    page = webhook_page(actor_of(request), webhook_id, before_id, secret)
    response = render(request, "web/webhook.html", {"page": page})
    response["Cache-Control"] = "no-store"
    return response


@requires("webhook.manage")
def new_webhook(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_webhook(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            request.session[f"{SHOWN_ONCE}_{made.id}"] = made.secret
            return redirect("web:webhook", made.id)
    return _form_page(request, form, _("New webhook"), reverse("web:webhooks"))


@requires("webhook.manage")
def edit_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    known = queries.webhook(actor_of(request), webhook_id)
    initial = {
        "name": known.name, "url": known.url, "kinds": known.kinds, "is_enabled": "1" if known.is_enabled else "0",
    }  # fmt: skip
    form = WebhookEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(webhook_id, actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:webhook", webhook_id)
    return _form_page(request, form, known.name, reverse("web:webhook", args=[webhook_id]))


@requires("webhook.manage")
@require_POST
def delete_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    services.delete_webhook(webhook_id, actor=actor_of(request))
    toasts.tell(request, _("Deleted, with the messages that waited."))
    return redirect("web:webhooks")


@requires("webhook.manage")
@require_POST
def rotate_secret(request: HttpRequest, webhook_id: int) -> HttpResponse:
    request.session[f"{SHOWN_ONCE}_{webhook_id}"] = services.rotate_secret(webhook_id, actor=actor_of(request))
    return redirect("web:webhook", webhook_id)


@requires("webhook.manage")
@require_POST
def ping(request: HttpRequest, webhook_id: int) -> HttpResponse:
    services.send_ping(webhook_id, actor=actor_of(request))
    toasts.tell(request, _("A test message is on its way."))
    return redirect("web:webhook", webhook_id)


@requires("webhook.manage")
@require_POST
def resend(request: HttpRequest, webhook_id: int, delivery_id: int | None = None) -> HttpResponse:
    count = services.send_again(webhook_id, actor=actor_of(request), delivery_id=delivery_id)
    text = ngettext("%(n)d message is sent again.", "%(n)d messages are sent again.", count)
    toasts.tell(request, text % {"n": count})
    return redirect("web:webhook", webhook_id)


def _form_page(request: HttpRequest, form: DressedForm, title: str, back_url: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": _("Save"), "back_url": back_url, "back_label": _("Back")}
    return render(request, "web/form.html", context, status=422 if form.errors else 200)
