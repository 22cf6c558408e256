"""What colleagues say to one another about customers, what they are told, and a customer to take along on paper."""

from django.urls import path

from kehu.web.views import customer_card, notifications, teamwork

CUSTOMER = "customers/<uuid:customer_id>"
urlpatterns = [
    path(f"{CUSTOMER}/team", teamwork.show_team, name="customer_team"),
    path(f"{CUSTOMER}/comments", teamwork.comment, name="customer_comment"),
    path(f"{CUSTOMER}/people", teamwork.list_mentionable, name="customer_mentionable"),
    path(f"{CUSTOMER}/follow", teamwork.follow, name="customer_follow"),
    path(f"{CUSTOMER}/unfollow", teamwork.unfollow, name="customer_unfollow"),
    path(f"{CUSTOMER}/card.pdf", customer_card.print_card, name="customer_card"),
    path("comments/<int:comment_id>/edit", teamwork.edit, name="comment_edit"),
    path("comments/<int:comment_id>/delete", teamwork.delete, name="comment_delete"),
    path("notifications", notifications.show_notifications, name="notifications"),
    path("notifications/bell", notifications.show_bell, name="notifications_bell"),
    path("notifications/read", notifications.read_all, name="notifications_read"),
    path("notifications/kinds", notifications.choose_kinds, name="notifications_kinds"),
    path("notifications/<int:notification_id>", notifications.open_notification, name="notification"),
    path("my/customers", teamwork.show_my_customers, name="my_customers"),
]
