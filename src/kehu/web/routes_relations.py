"""Pages of organisations, and of the relations of a customer."""

from django.urls import path

from kehu.web.views import relations

urlpatterns = [
    path("organisations", relations.show_organisations, name="organisations"),
    path("organisations/<uuid:organisation_id>", relations.show_organisation, name="organisation"),
    path("customers/<uuid:customer_id>/relations", relations.show_relations, name="relations"),
    path("customers/<uuid:customer_id>/relations/say", relations.relate, name="relate"),
]
