"""Who there is: people and departments, for pickers and labels."""

from collections.abc import Iterable

from kehu.govern.models import Department, User


def department_exists(department_id: int) -> bool:
    return Department.objects.filter(pk=department_id).exists()


def names_of_users(user_ids: Iterable[int]) -> dict[int, str]:
    """User id → name, for those that exist. One query."""
    return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "name"))


def departments() -> list[tuple[int, str, int | None]]:
    """Every department as (id, name, parent's id), by name."""
    return list(Department.objects.order_by("name").values_list("pk", "name", "parent_id"))


def user_is_active(user_id: int) -> bool:
    return User.objects.filter(pk=user_id, is_active=True).exists()
