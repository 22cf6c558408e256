"""The page one starts the day with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kehu.govern.access import actor_of, requires
from kehu.web.fragments import wants_fragment
from kehu.web.pages.home import home_page


@requires("home.view")
def show_home(request: HttpRequest) -> HttpResponse:
    template = "web/_home_fragment.html" if wants_fragment(request) else "web/home.html"
    return render(request, template, {"page": home_page(actor_of(request))})
