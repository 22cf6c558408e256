"""Tags: the tree with its governance, and the tags of one customer."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern.access import actor_of, requires
from kehu.profile.tags import services
from kehu.web import toasts
from kehu.web.pages.profile_rules import profile_tabs
from kehu.web.pages.tags import TagForm, tags_page
from kehu.web.views.sources import refuse


@requires("customer.view", "profile.manage")
def show_tags(request: HttpRequest) -> HttpResponse:
    """The tree; ?edit=slug fills the form with a tag."""
    actor = actor_of(request)
    form = TagForm(request.POST or None, initial=TagForm.initial_of(request.GET.get("edit", "")))
    if request.method == "POST" and form.is_valid():
        try:
            services.save_tag(form.cleaned_data.pop("slug"), actor=actor, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:profile_tags")
    context = {"page": tags_page(actor), "form": form, "tabs": profile_tabs("tags")}
    return render(request, "web/profile_tags.html", context, status=422 if form.errors else 200)


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
