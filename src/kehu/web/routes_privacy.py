"""Addresses of consent and privacy: public ones by signed link, the desk, purposes, retention."""

from django.urls import path

from kehu.web.views import consents, left_alone, privacy, purposes, releases, standing

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
    path("privacy/purposes/new", purposes.new_purpose, name="privacy_purpose_new"),
    path("privacy/standing", standing.show_standing, name="privacy_standing"),
    path("privacy/standing/hold", standing.hold, name="privacy_hold"),
    path("privacy/standing/<uuid:customer_id>/release", standing.release, name="privacy_hold_release"),
    path("privacy/standing/<uuid:customer_id>/lift", standing.lift_mark, name="privacy_mark_lift"),
    path("privacy/left-alone", left_alone.show_left_alone, name="privacy_left_alone"),
    path("privacy/purposes/<slug:purpose>", purposes.edit_purpose, name="privacy_purpose"),
    path("privacy/exports", releases.show_waiting, name="privacy_exports"),
    path("privacy/exports/<int:export_id>", releases.decide, name="privacy_export_decide"),
    path("privacy/notice", purposes.publish_notice, name="privacy_notice"),
]
