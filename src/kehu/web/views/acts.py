"""What people do with a customer: merge, take apart, pin, and ask why."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu import inline
from kehu.core.errors import DomainError, InvalidInput, NotFound
from kehu.govern.access import actor_of, requires
from kehu.profile import queries as profile
from kehu.profile import services
from kehu.profile.models import Customer
from kehu.web import live, toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.acts import merge_page, unmerge_page, why_page
from kehu.web.pages.customer import customer_page


@requires("customer.view", "customer.merge")
def merge(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Find the other customer, compare, say why."""
    actor, error = actor_of(request), ""
    other = uuid_or_none(request.POST.get("other") or request.GET.get("other", ""))
    if request.method == "POST" and other:
        try:
            receipt = services.merge_customers(
                survivor_id=customer_id, absorbed_id=other, actor=actor, reason=_reason(request)
            )
        except DomainError as refusal:
            error = str(refusal)
        else:
            live.forget()
            toasts.tell(request, _("Merged: two customers are one."), undo_url=undo_url(receipt))
            return redirect("web:customer", receipt.survivor_id)
    page = merge_page(actor, customer_id, query=request.GET.get("q", ""), other_id=other, error=error)
    return _sheet(request, "web/_merge.html", page, _("Merge"), error)


@requires("customer.view", "customer.unmerge")
def unmerge(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Undo one merge (?act=), or split off chosen records."""
    actor, error = actor_of(request), ""
    act = request.GET.get("act", "")
    act_id = int(act) if act.isdecimal() else None
    chosen = set(request.POST.getlist("record")) or set(request.GET.getlist("record"))
    if request.method == "POST":
        try:
            if act_id is not None:
                receipt = services.unmerge(act_id, actor=actor, reason=_reason(request))
            else:
                records = [record for text in chosen if (record := uuid_or_none(text))]
                receipt = services.split_records(customer_id, records, actor=actor, reason=_reason(request))
        except DomainError as refusal:
            error = str(refusal)
        else:
            live.forget()
            toasts.tell(request, _("Taken apart: %(n)d customers now.") % {"n": len(receipt.customers)})
            return redirect("web:customer", customer_id)
    view = profile.customer_view(actor, customer_id, timeline_limit=1)
    page = unmerge_page(actor, view, act_id=act_id, chosen=chosen, error=error)
    return _sheet(request, "web/_unmerge.html", page, page.title, error)


@requires("customer.view")
def why(request: HttpRequest, customer_id: UUID, left: UUID, right: UUID) -> HttpResponse:
    view = profile.customer_view(actor_of(request), customer_id, timeline_limit=1)
    return _sheet(request, "web/_why.html", why_page(view, left, right), _("Why they are one"))


@requires("customer.view", "customer.pin")
@require_POST
def pin(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Pin what one source says, named by its record: masked values never travel. Or let the rule decide again."""
    actor, attribute = actor_of(request), request.POST.get("attribute", "")
    if "unpin" in request.POST:
        services.unpin_value(customer_id, attribute, actor=actor, reason=_("from the page"))
    else:
        current = profile.current_customer(actor, customer_id).id
        value = _said(current, attribute, request.POST.get("value", ""))
        services.pin_value(current, attribute, value, actor=actor, reason=_("from the page"))
    return _profile(request, customer_id)


@requires("customer.view", "customer.edit")
@require_POST
def verify(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The customer confirmed what one source says, named by its record: the same is said anew, as confirmed."""
    actor, attribute = actor_of(request), request.POST.get("attribute", "")
    current = profile.current_customer(actor, customer_id).id
    value = _said(current, attribute, request.POST.get("value", ""))
    inline.update_customer(current, actor=actor, attributes={attribute: value}, verified=[attribute])
    toasts.tell(request, _("Verified: the customer confirmed it."))
    return _profile(request, customer_id)


def _profile(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The golden record as it is now, where it stands on the page."""
    if not wants_fragment(request):
        return redirect("web:customer", customer_id)
    actor = actor_of(request)
    page = customer_page(actor, profile.customer_view(actor, customer_id, timeline_limit=1))
    return render(request, "web/_customer_profile_answer.html", {"page": page})


def _said(customer_id: UUID, attribute: str, record: str) -> str:
    """What the record says of the attribute, whole."""
    golden = Customer.objects.values_list("golden", flat=True).get(pk=customer_id).get(attribute)
    if golden is None:
        raise NotFound("value", attribute)
    for said in (golden, *golden.get("others", ())):
        if str(said.get("record")) == record:
            return str(said["v"])
    raise NotFound("value", attribute)


def _reason(request: HttpRequest) -> str:
    reason = (request.POST.get("reason") or request.GET.get("reason", "")).strip()
    if not reason:
        raise InvalidInput("reason", _("say in a few words why: whoever looks at it later will want to know."))
    return reason


def undo_url(receipt: services.MergeReceipt) -> str:
    """Where the toast's undo posts to, with its reason."""
    query = urlencode({"act": receipt.act_id, "reason": _("undone at once")})
    return f"{reverse('web:unmerge', args=[receipt.survivor_id])}?{query}"


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sheet(request: HttpRequest, fragment: str, page: object, title: str, error: str = "") -> HttpResponse:
    """A dialog or drawer for htmx, a page of its own without."""
    status = 422 if error else 200
    if wants_fragment(request):
        return render(request, fragment, {"page": page}, status=status)
    context = {"page": page, "title": title, "fragment": fragment}
    return render(request, "web/sheet_page.html", context, status=status)
