"""Pages of the rules by which customers are known, and the tags of one customer."""

from django.urls import path

from kehu.web import routes_relations
from kehu.web.views import corrections, profile_rules, tags

CUSTOMER = "customers/<uuid:customer_id>"
urlpatterns = [
    path("profile", profile_rules.show_survivorship, name="profile_rules"),
    path("profile/standing", profile_rules.show_standing, name="profile_standing"),
    path("profile/standing/rate", profile_rules.rate, name="profile_rate"),
    path("profile/computed", profile_rules.show_computed, name="profile_computed"),
    path("profile/computed/<slug:name>/remove", profile_rules.remove_computed, name="profile_computed_remove"),
    path("profile/tags", tags.show_tags, name="profile_tags"),
    path("profile/tags/<slug:slug>/rule", tags.edit_rule, name="profile_tag_rule"),
    path("profile/tags/<slug:slug>/retire", tags.retire, name="profile_tag_retire"),
    *routes_relations.urlpatterns,
    path("corrections", corrections.show_corrections, name="corrections"),
    path("corrections/withdraw", corrections.withdraw, name="corrections_withdraw"),
    path(f"{CUSTOMER}/corrections", corrections.send, name="correction_send"),
    path(f"{CUSTOMER}/tags", tags.tag_customer, name="customer_tag"),
    path(f"{CUSTOMER}/tags/<slug:slug>/remove", tags.untag_customer, name="customer_untag"),
]
