"""What pages and API ask of this room, always on behalf of an actor."""

from kehu.teamwork.queries.comments import CommentView, comments_of, customer_of_comment
from kehu.teamwork.queries.following import (
    FollowerView,
    RememberedCustomer,
    followed_customers,
    followers_of,
    visited_customers,
)
from kehu.teamwork.queries.notifications import (
    NotificationView,
    UnreadSign,
    notification,
    notifications_page,
    unread_count,
    unread_signs,
    wanted_kinds,
)
from kehu.teamwork.queries.people import Mentionable, mentionable

__all__ = [
    "CommentView",
    "FollowerView",
    "Mentionable",
    "NotificationView",
    "RememberedCustomer",
    "UnreadSign",
    "comments_of",
    "customer_of_comment",
    "followed_customers",
    "followers_of",
    "mentionable",
    "notification",
    "notifications_page",
    "unread_count",
    "unread_signs",
    "visited_customers",
    "wanted_kinds",
]
