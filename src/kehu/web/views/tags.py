"""Tags: the tree with its governance, and the tags of one customer."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, NotFound
from kehu.govern.access import actor_of, requires
from kehu.profile.filters.tree import filter_from
from kehu.profile.tags import services
from kehu.profile.tags.models import Tag
from kehu.web import toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.filter_builder import draft_from, draft_of
from kehu.web.pages.profile_rules import profile_tabs
from kehu.web.pages.tags import TagForm, tag_rule_page, tags_page
from kehu.web.views.sources import refuse


@requires("customer.view", "profile.manage")
def show_tags(request: HttpRequest) -> HttpResponse:
    """The tree; ?edit=slug fills the form with a tag."""
    actor = actor_of(request)
    form = TagForm(request.POST or None, initial=TagForm.initial_of(request.GET.get("edit", "")))
    if request.method == "POST" and form.is_valid():
        try:
            slug = form.cleaned_data.pop("slug")
            kept = None if form.cleaned_data["version"] is None else services.rule_of(slug, actor=actor)
            services.save_tag(slug, actor=actor, rule=kept, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:profile_tags")
    context = {"page": tags_page(actor), "form": form, "tabs": profile_tabs("tags")}
    return render(request, "web/profile_tags.html", context, status=422 if form.errors else 200)


@requires("customer.view", "profile.manage")
def edit_rule(request: HttpRequest, slug: str) -> HttpResponse:
    """Conditions put together as in a list, looked at, and kept. Posting without any lets people give the tag."""
    actor, error = actor_of(request), ""
    tag = Tag.objects.filter(slug=slug, is_retired=False).first()
    if tag is None:
        raise NotFound("tag", slug)
    if request.method == "POST":
        text, version = request.POST.get("filter", ""), request.POST.get("version", "")
        services.change_rule(slug, text, actor=actor, version=int(version) if version.isdecimal() else 0)
        toasts.tell(request, _("Saved. The tag is given and taken within six hours, or when everybody is rated anew."))
        return redirect("web:profile_tags")
    draft, found = draft_of(filter_from(tag.rule or {})), None
    if "match-0" in request.GET:
        draft = draft_from(request.GET)
    try:
        if "apply" in request.GET and not (found := draft.as_filter()).is_empty:
            services.check_rule(found)
        page = tag_rule_page(actor, tag, draft, None if found is None or found.is_empty else found, error)
    except DomainError as refusal:
        page = tag_rule_page(actor, tag, draft, None, str(refusal))
    template = "web/_tag_rule.html" if wants_fragment(request) else "web/tag_rule.html"
    return render(request, template, {"page": page})


@requires("customer.view", "profile.manage")
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    carried = services.retire_tag(slug, actor=actor_of(request), reason=_("from the page"))
    toasts.tell(request, _("Retired. %(n)d customers carried it; their history stays.") % {"n": carried})
    return redirect("web:profile_tags")


@requires("customer.view", "customer.edit")
@require_POST
def tag_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    slug, value = request.POST.get("tag", "")[:50], request.POST.get("value", "")
    services.tag_customer(customer_id, slug, actor=actor_of(request), value=value)
    return redirect("web:customer", customer_id)


@requires("customer.view", "customer.edit")
@require_POST
def untag_customer(request: HttpRequest, customer_id: UUID, slug: str) -> HttpResponse:
    services.untag_customer(customer_id, slug, actor=actor_of(request))
    return redirect("web:customer", customer_id)
