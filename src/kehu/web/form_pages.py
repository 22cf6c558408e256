"""A form on a page of its own, and what a service refused beside its field."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from kehu.core.errors import DomainError, InvalidInput
from kehu.web.forms import DressedForm


def refuse(form: forms.Form, error: DomainError) -> None:
    """What a service refused, beside the field it speaks of."""
    field = error.field if isinstance(error, InvalidInput) and error.field in form.fields else None
    form.add_error(field, error.message if isinstance(error, InvalidInput) else str(error))


def form_page(
    request: HttpRequest, form: DressedForm, title: str, submit: str, back_url: str, *, delete_url: str = ""
) -> HttpResponse:
    """A form on a page of its own; 422 when it holds errors."""
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "back_url": back_url,
        "back_label": gettext("Back"),
        "delete_url": delete_url,
    }
    return render(request, "web/form.html", context, status=422 if form.errors else 200)
