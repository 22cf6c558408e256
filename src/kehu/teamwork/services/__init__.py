"""What people do among one another about customers. Pages and API call the same functions."""

from kehu.teamwork.services.comments import add_comment, delete_comment, edit_comment
from kehu.teamwork.services.following import follow_customer, unfollow_customer
from kehu.teamwork.services.notifications import choose_kinds, mark_all_read, mark_read
from kehu.teamwork.services.visits import note_visit

__all__ = [
    "add_comment",
    "choose_kinds",
    "delete_comment",
    "edit_comment",
    "follow_customer",
    "mark_all_read",
    "mark_read",
    "note_visit",
    "unfollow_customer",
]
