"""Alerts: the page, and what people do about them."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, NotFound
from kehu.core.measures import known_measures
from kehu.govern import audit
from kehu.govern.access import actor_of, requires
from kehu.operate.alerts import services
from kehu.operate.alerts.services import Who
from kehu.operate.models import AlertRule, Severity
from kehu.web import toasts
from kehu.web.forms import DressedForm
from kehu.web.fragments import wants_fragment
from kehu.web.pages.alerts import alerts_page, rule_name
from kehu.web.views.sources import refuse


class RuleForm(DressedForm):
    name = forms.CharField(label=gettext_lazy("Rule name"), max_length=100)
    measure = forms.ChoiceField(
        label=gettext_lazy("Measure"),
        choices=lambda: [(one.name, f"{one.help} · {one.name}") for one in known_measures()],
    )
    comparison = forms.ChoiceField(label=gettext_lazy("Fires when"), choices=AlertRule.Comparison.choices)
    threshold = forms.FloatField(label=gettext_lazy("Threshold"))
    for_seconds = forms.IntegerField(label=gettext_lazy("For so many seconds"), min_value=0, max_value=86400, initial=0)
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), choices=Severity.choices, initial=Severity.WARNING)
    is_enabled = forms.TypedChoiceField(
        label=gettext_lazy("State"),
        choices=[("1", gettext_lazy("on")), ("0", gettext_lazy("off"))],
        coerce=lambda value: value == "1",
        initial="1",
    )


class RouteForm(DressedForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=1000,
        help_text=gettext_lazy("As Apprise writes it: mailto://…, wecombot://…, dingtalk://…, feishu://…, slack://…"),
    )
    least_severity = forms.ChoiceField(
        label=gettext_lazy("Hears from"), choices=Severity.choices, initial=Severity.WARNING
    )
    after_minutes = forms.IntegerField(
        label=gettext_lazy("After so many minutes unacknowledged"),
        min_value=0,
        max_value=1440,
        initial=0,
        help_text=gettext_lazy("0: at once. More: only when nobody has acknowledged by then."),
    )


def who(request: HttpRequest) -> Who:
    actor = actor_of(request)
    return Who(actor.user_id, actor.name)


@requires("operate.view")
def show_alerts(request: HttpRequest) -> HttpResponse:
    template = "web/_alerts_live.html" if wants_fragment(request) else "web/alerts.html"
    return render(request, template, {"page": alerts_page(actor_of(request))})


@requires("operate.view")
@require_POST
def acknowledge(request: HttpRequest, alert_id: int) -> HttpResponse:
    services.acknowledge(alert_id, by=who(request), text=request.POST.get("text", "")[:2000])
    toasts.tell(request, _("Acknowledged: nobody else is called."))
    return redirect("web:alerts")


@requires("operate.view")
@require_POST
def resolve(request: HttpRequest, alert_id: int) -> HttpResponse:
    services.resolve(alert_id, by=who(request), text=request.POST.get("text", "")[:2000])
    toasts.tell(request, _("Declared over. It fires anew if it is not."))
    return redirect("web:alerts")


@requires("operate.manage")
@require_POST
def silence(request: HttpRequest) -> HttpResponse:
    rule, minutes = request.POST.get("rule", ""), request.POST.get("minutes", "")
    try:
        services.silence(
            rule_id=int(rule) if rule.isdecimal() and len(rule) < 10 else None,
            minutes=int(minutes) if minutes.isdecimal() and len(minutes) < 7 else 0,
            reason=request.POST.get("reason", ""),
            by=who(request),
        )
    except NotFound:
        raise
    except DomainError as error:
        toasts.tell_failure(request, str(error))
    else:
        toasts.tell(request, _("Silent until then. The alerts still stand here."))
    return redirect("web:alerts")


@requires("operate.manage")
@require_POST
def end_silence(request: HttpRequest, silence_id: int) -> HttpResponse:
    services.end_silence(silence_id)
    return redirect("web:alerts")


@requires("operate.manage")
def new_rule(request: HttpRequest) -> HttpResponse:
    return _rule_page(request, None, RuleForm(request.POST or None), _("New alert rule"))


@requires("operate.manage")
def edit_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = AlertRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("alert rule", rule_id)
    known = {name: getattr(rule, name) for name in RuleForm.base_fields if name not in ("is_enabled", "name")}
    known |= {"name": rule_name(rule), "is_enabled": "1" if rule.is_enabled else "0"}
    form = RuleForm(request.POST or None, initial=known)
    if rule.is_shipped:
        del form.fields["name"]
    return _rule_page(request, rule_id, form, rule_name(rule))


@requires("operate.manage")
def new_route(request: HttpRequest) -> HttpResponse:
    form = RouteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        audit.attribute(actor_of(request), reason="add alert route")
        try:
            services.add_route(**form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("web:alerts")
    return _form_page(request, form, _("New route"))


@requires("operate.manage")
@require_POST
def delete_route(request: HttpRequest, route_id: int) -> HttpResponse:
    services.delete_route(route_id)
    return redirect("web:alerts")


def _rule_page(request: HttpRequest, rule_id: int | None, form: RuleForm, title: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            services.save_rule(rule_id, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:alerts")
    return _form_page(request, form, title)


def _form_page(request: HttpRequest, form: DressedForm, title: str) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "submit": _("Save"),
        "back_url": reverse("web:alerts"),
        "back_label": _("Alerts"),
    }
    return render(request, "web/form.html", context, status=422 if form.errors else 200)
