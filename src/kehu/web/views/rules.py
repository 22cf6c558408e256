"""The cleaning rules: list, one, write with a trial, order, switch, remove, versions, files."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.clean import queries as clean
from kehu.clean import services
from kehu.clean.errors import RulesRefused
from kehu.clean.rule_wording import FIELDS, KINDS, problem_text
from kehu.clean.rules.rule import Rule, RuleSet, write_rules
from kehu.collect import queries as collect
from kehu.core.errors import DomainError, InvalidInput, NotFound, VersionConflict
from kehu.govern.access import Actor, actor_of, requires
from kehu.rule_trials import try_rules
from kehu.web import toasts
from kehu.web.pages.rules import TrialCard, kind_choices, rule_page, rules_page, trial_card, versions_page
from kehu.web.rule_forms import RuleFileForm, RuleForm

_MOST_FILE_BYTES = 2_000_000


@requires("source.view")
def show_rules(request: HttpRequest) -> HttpResponse:
    return render(request, "web/rules.html", {"page": rules_page(actor_of(request))})


@requires("source.view")
def show_rule(request: HttpRequest, key: str) -> HttpResponse:
    page = rule_page(actor_of(request), key, after=_record(request.GET.get("after", "")))
    return render(request, "web/rule.html", {"page": page})


@requires("profile.manage")
def new_rule(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        return render(request, "web/rule_kinds.html", {"kinds": kind_choices()})
    return _write(request, kind, None)


@requires("profile.manage")
def edit_rule(request: HttpRequest, key: str) -> HttpResponse:
    rule = _rule(actor_of(request), key)
    return _write(request, rule.kind, rule)


@requires("profile.manage")
@require_POST
def switch_rule(request: HttpRequest, key: str) -> HttpResponse:
    is_on = request.POST.get("is_on") == "1"
    services.switch_rule(key, is_on=is_on, base_version=_base(request), actor=actor_of(request))
    toasts.tell(request, _("Switched on.") if is_on else _("Switched off."))
    return redirect("web:rules")


@requires("profile.manage")
@require_POST
def move_rule(request: HttpRequest, key: str) -> HttpResponse:
    places = -1 if request.POST.get("places") == "-1" else 1
    services.move_rule(key, places=places, base_version=_base(request), actor=actor_of(request))
    return redirect(f"{reverse('web:rules')}#rule-{key}")


@requires("profile.manage")
def remove_rule(request: HttpRequest, key: str) -> HttpResponse:
    actor = actor_of(request)
    rule = _rule(actor, key)
    if request.method == "POST":
        services.remove_rule(key, base_version=_base(request), actor=actor, note=request.POST.get("note", ""))
        toasts.tell(request, _("“%(name)s” is removed; an earlier version has it still.") % {"name": rule.name})
        return redirect("web:rules")
    context = {"rule": rule, "version": clean.rules_in_force(actor).version}
    return render(request, "web/rule_remove.html", context)


@requires("source.view")
def show_versions(request: HttpRequest) -> HttpResponse:
    return render(request, "web/rule_versions.html", {"page": versions_page(actor_of(request))})


@requires("profile.manage")
@require_POST
def restore(request: HttpRequest, version: int) -> HttpResponse:
    services.restore_rules(version, base_version=_base(request), actor=actor_of(request))
    toasts.tell(request, _("Version %d is in force again, as a new version.") % version)
    return redirect("web:rules")


@requires("source.view")
def export(request: HttpRequest) -> HttpResponse:
    actor, asked = actor_of(request), request.GET.get("version", "")
    if asked.isdecimal() and len(asked) < 10:
        found = clean.rules_version(actor, int(asked))
    else:
        found = clean.rules_in_force(actor)
    response = HttpResponse(write_rules(found.rules), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="kehu-rules-{found.version}.json"'
    return response


@requires("profile.manage")
def import_file(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    current = clean.rules_in_force(actor)
    form = RuleFileForm(request.POST or None, request.FILES or None, initial={"base_version": current.version})
    trial = None
    if request.method == "POST" and form.is_valid():
        try:
            rules = services.rules_of_file(form.cleaned_data["file"].read(_MOST_FILE_BYTES + 1))
            if "try" in request.POST:
                trial = trial_card(try_rules(rules, actor=actor), {rule.key: rule.name for rule in rules.rules})
            else:
                said = form.cleaned_data
                version = services.save_rules(rules, base_version=said["base_version"], actor=actor, note=said["note"])
                toasts.tell(request, _("The rules of the file are in force, as version %d.") % version)
                return redirect("web:rules")
        except (InvalidInput, VersionConflict) as error:
            form.add_error("file", _words(error))
    context = {"form": form, "trial": trial, "count": len(current.rules.rules)}
    return render(request, "web/rules_import.html", context, status=422 if form.errors else 200)


def _write(request: HttpRequest, kind: str, rule: Rule | None) -> HttpResponse:
    """The form of a rule: `try` runs it over real messages beside what is in force, anything else saves it."""
    actor = actor_of(request)
    current = clean.rules_in_force(actor)
    sources = [(source.slug, source.name) for source in collect.sources(actor)]
    form = RuleForm(kind, sources, request.POST or None, rule=rule, initial={"base_version": current.version})
    trial = None
    if request.method == "POST" and form.is_valid():
        written = form.to_rule({one.key for one in current.rules.rules})
        try:
            if "try" in request.POST:
                trial = _try(actor, current.rules.with_rule(written), written)
            else:
                said = form.cleaned_data
                services.put_rule(written, base_version=said["base_version"], actor=actor, note=said["note"])
                toasts.tell(request, _("“%(name)s” is in force within seconds.") % {"name": written.name})
                return redirect("web:rule", written.key)
        except RulesRefused as refused:
            _show(form, refused, written)
        except (InvalidInput, VersionConflict) as error:
            form.add_error(None, _words(error))
    context = {
        "form": form,
        "kind": KINDS[kind],
        "rule": rule,
        "trial": trial,
        "back_url": reverse("web:rule", args=[rule.key]) if rule else reverse("web:rule_new"),
    }
    return render(request, "web/rule_form.html", context, status=422 if form.errors else 200)


def _try(actor: Actor, rules: RuleSet, written: Rule) -> TrialCard:
    names = {rule.key: rule.name for rule in rules.rules}
    return trial_card(try_rules(rules, actor=actor), names, written.key)


def _show(form: RuleForm, refused: RulesRefused, written: Rule) -> None:
    """Each problem at its field; those of other rules above the form."""
    for problem in refused.problems:
        field = problem.field if problem.rule == written.key and problem.field in form.fields else None
        place = "" if field else f"{problem.rule} · {FIELDS.get(problem.field, problem.field)}: "
        form.add_error(field, f"{place}{problem_text(problem)}")


def _words(error: DomainError) -> str:
    return error.message if isinstance(error, InvalidInput) else str(error)


def _rule(actor: Actor, key: str) -> Rule:
    rule = clean.rules_in_force(actor).rules.rule(key)
    if rule is None:
        raise NotFound("rule", key)
    return rule


def _base(request: HttpRequest) -> int:
    text = request.POST.get("base_version", "")
    if not (text.isdecimal() and len(text) < 10):
        raise InvalidInput("base_version", _("load the page again and repeat."))
    return int(text)


def _record(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
