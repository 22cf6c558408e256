"""Addresses of consent and privacy: public ones by signed link, the desk, purposes, retention."""

from django.urls import path

from kehu.web.views import consents, privacy, purposes

CUSTOMER = "customers/<uuid:customer_id>"
urlpatterns = [
    path("p/<str:token>", consents.show_choices, name="choices"),
    path("u/<str:token>", consents.unsubscribe, name="unsubscribe"),
    path("notice", consents.show_notice, name="notice"),
    path(f"{CUSTOMER}/consents", consents.customer_consents, name="customer_consents"),
    path("privacy", privacy.show_requests, name="privacy"),
    path("privacy/new", privacy.new_request, name="privacy_new"),
    path("privacy/requests/<int:request_id>", privacy.show_request, name="privacy_request"),
    path("privacy/requests/<int:request_id>/act", privacy.act, name="privacy_act"),
    path("privacy/requests/<int:request_id>/package.zip", privacy.download_package, name="privacy_package"),
    path("privacy/retention", privacy.show_retention, name="privacy_retention"),
    path("privacy/retention/<str:policy>", privacy.set_retention, name="privacy_retention_set"),
    path("privacy/purposes", purposes.show_purposes, name="privacy_purposes"),
    path("privacy/purposes/<slug:purpose>", purposes.edit_purpose, name="privacy_purpose"),
    path("privacy/notice", purposes.publish_notice, name="privacy_notice"),
]
