"""Who is let in, as what, and on whose customers. Pages, API and commands call the same functions."""

from kehu.govern.services.departments import (
    change_team,
    create_department,
    create_team,
    create_territory,
    delete_department,
    delete_team,
    delete_territory,
    move_department,
)
from kehu.govern.services.people import change_user, create_user, make_password_key
from kehu.govern.services.roles import RoleTerms, change_role, create_role, delete_role, set_field_access
from kehu.govern.services.set_up import is_set_up_link, make_set_up_link, set_up
from kehu.govern.services.shares import end_share, share_customer
from kehu.govern.services.tokens import create_token, revoke_token

__all__ = [
    "RoleTerms",
    "change_role",
    "change_team",
    "change_user",
    "create_department",
    "create_role",
    "create_team",
    "create_territory",
    "create_token",
    "create_user",
    "delete_department",
    "delete_role",
    "delete_team",
    "delete_territory",
    "end_share",
    "is_set_up_link",
    "make_password_key",
    "make_set_up_link",
    "move_department",
    "revoke_token",
    "set_field_access",
    "set_up",
    "share_customer",
]
