"""Somebody of every role to sign in as, in two departments."""

from dataclasses import dataclass

from kehu.govern.actor import SYSTEM
from kehu.govern.services import create_department, create_user

DEPARTMENTS = ("华东大区", "华南大区")
# role → (name, department: None = head office's rights over all)
STAFF: tuple[tuple[str, str, int | None], ...] = (
    ("administrator", "管理员", None),
    ("steward", "数据专员", None),
    ("manager", "销售经理", 0),
    ("rep", "销售代表", 0),
    ("agent", "客服", None),
    ("marketer", "市场", None),
    ("auditor", "审计", None),
)


@dataclass(frozen=True, slots=True)
class Login:
    role: str
    email: str
    password: str


def hire_staff(password: str) -> list[Login]:
    """One login per role, all with the same password, which belongs to this demo alone."""
    departments = [create_department(name=name, actor=SYSTEM) for name in DEPARTMENTS]
    logins = []
    for role, name, department in STAFF:
        login = Login(role, f"{role}@demo.example", password)
        create_user(
            email=login.email,
            name=name,
            role=role,
            actor=SYSTEM,
            password=password,
            department_id=None if department is None else departments[department],
        )
        logins.append(login)
    return logins
