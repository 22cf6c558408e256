"""Write docs/reference/api.md and permissions.md from the code: `make reference`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"

API = """# The REST API

Written by `make reference` from the operations themselves: change their descriptions, not this page.

Everything lies under `/api/v1`; `/api/v1/openapi.json` describes it to machines (OpenAPI 3.1), with every
body and answer.

- **Signing in**: `Authorization: Bearer kehu_…` (`kehu token create`). A token does what its scopes *and*
  its user's role allow, sees the customers its user sees, and sees masked what its user sees masked.
  Browsers signed in to Kehu may call it with their session and the CSRF token.
- **Pages**: lists answer `{"items": […], "next_cursor": …}`; give `next_cursor` back as `cursor`. A cursor
  belongs to its list and filters.
- **Once only**: an operation marked ↻ takes an `Idempotency-Key`. The answer is kept in the transaction of
  the effect; the same key with the same request gives it again (`Idempotent-Replayed: true`), with another
  request it is refused (409). A refused request leaves the key free. Keys are kept for 7 days.
- **Versions**: a change names the `version` it was read at; a customer changed since is refused (409
  `version_conflict`).
- **Errors** are `application/problem+json` with a stable `code`: 400 not readable · 401 `not_signed_in` ·
  403 `permission_denied` · 404 not there, or not yours to know of · 409 a rule said no · 413 too large ·
  422 `invalid_input` with `errors` by field · 429 `rate_limited` and 503 `busy` with `Retry-After`.
- **Limits**: 1200 calls a minute per token and process (`RateLimit-Remaining`); 20 wrong tokens a minute
  per address; 30 reveals an hour and 60 look-ups a minute by a number one sees masked, per person. Bodies:
  5 MB, 1,000 keys, 32 levels.

```
curl -H "Authorization: Bearer $KEHU_TOKEN" https://kehu.example/api/v1/customers/by/phone/13800138000
curl -H "Authorization: Bearer $KEHU_TOKEN" -H "Idempotency-Key: crm-4711" -H "Content-Type: application/json" \\
     -d '{"attributes": {"name": "张伟", "phone": "138 0013 8000"}}' https://kehu.example/api/v1/customers
```
"""

PERMISSIONS = """# Roles and permissions

Written by `make reference` from `kehu.govern`: change the code, not this page.

A role says what its holders may do, on whose customers, and which fields they see whole. A customer is in
sight when any of its source records, or its assignment, is; the records of a source without a department
are shared with the whole company. Strict roles never see what is only shared, and of a customer they see
only the values and events of records in their scope. What is out of sight answers exactly like what does
not exist.

Masked fields look like `138****1234`, `z***@example.com`, `浙江省杭州市西湖区文三路***`; free text and event properties
are searched for such values too. `customer.reveal` shows one value whole: with a reason, counted, and kept
in the audit trail.
"""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kehu.settings")
    sys.path.insert(0, str(ROOT / "src"))
    import django

    django.setup()
    (REFERENCE / "api.md").write_text(api_page())
    (REFERENCE / "permissions.md").write_text(permissions_page())
    return 0


def api_page() -> str:
    """The whole page; a test compares it with the file."""
    from kehu.api.rest import api

    schema = api.get_openapi_schema(path_prefix="")
    lines, tag = [API], ""
    for method, path, operation in _operations(schema):
        if operation["tags"][0] != tag:
            tag = operation["tags"][0]
            lines.append(f"\n## {tag}\n\n| operation | | permission |\n| --- | --- | --- |")
        text, _, permission = operation["description"].rpartition("Permission: ")
        told = " ".join(f"{operation['summary']}. {text.strip()}".split())
        once = " ↻" if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ())) else ""
        lines.append(f"| `{method} {path}`{once} | {told} | {permission.rstrip('.')} |")
    return "\n".join(lines) + "\n"


def permissions_page() -> str:
    """The whole page; a test compares it with the file."""
    from django.utils.translation import override

    from kehu.govern.permissions import PERMISSIONS as permissions
    from kehu.govern.shipped_roles import SHIPPED_ROLES

    with override("en"):
        lines = [PERMISSIONS, "\n## Roles an installation starts with\n"]
        lines.append("| role | sees | fields seen whole | strict | second factor |\n| --- | --- | --- | --- | --- |")
        scopes = {
            "own": "own",
            "team": "those of their teams",
            "department": "own department",
            "tree": "own department and below",
            "all": "all",
        }
        for role in SHIPPED_ROLES:
            whole = "all" if "*" in role.unmasked else ", ".join(role.unmasked) or "none of the masked ones"
            lines.append(
                f"| {role.name} (`{role.slug}`) | {scopes[role.scope]} | {whole} | {'yes' if role.is_strict else ''} "
                f"| {'required' if role.requires_mfa else ''} |"
            )
        lines.append("\n## Permissions\n")
        slugs = [role.slug for role in SHIPPED_ROLES]
        lines.append(f"| permission | | {' | '.join(slugs)} |\n| --- | --- |{' --- |' * len(slugs)}")
        for name, label in permissions.items():
            held = " | ".join("✓" if name in role.permissions else "" for role in SHIPPED_ROLES)
            lines.append(f"| `{name}` | {label} | {held} |")
    return "\n".join(lines) + "\n"


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


if __name__ == "__main__":
    sys.exit(main())
