import json
from typing import Any

import pytest
from django.http import HttpResponse

from kehu.api import authentication
from kehu.govern.access import SYSTEM
from kehu.govern.models import Department, User
from kehu.govern.permissions import PERMISSIONS
from kehu.govern.services import create_token
from tests.callers import make_client
from tests.cast import make_user


class Api:
    """A caller with a token: `api.get("/sources")`, `api.post("/sources", {...})` → response."""

    def __init__(self, token: str | None = None) -> None:
        self.client = make_client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str):
        data = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data,
            content_type="application/json",
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)


@pytest.fixture(autouse=True)
def fresh_call_counts():
    authentication.calls = authentication.CallCounter()


def api_as(
    role: str, department: Department | None = None, scopes: list[str] | None = None, user: User | None = None
) -> Api:
    """An API caller whose token may do all its user's role may, unless scopes say less."""
    user = user or make_user(role, department)
    token = create_token(
        user_id=user.pk,
        name="test",
        scopes=sorted(PERMISSIONS) if scopes is None else scopes,
        actor=SYSTEM,
    )
    return Api(token)
