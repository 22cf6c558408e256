"""The REST API: every router, its errors and its description (OpenAPI 3.1 at /api/v1/openapi.json)."""

from typing import Any

from ninja import NinjaAPI, Router

from kehu.api import (
    blocked_values,
    changes,
    consents,
    customer_acts,
    customers,
    dead_letters,
    errors,
    imports,
    jobs,
    lists,
    organisations,
    profile_rules,
    quality,
    rebuilds,
    reviews,
    rules,
    screens,
    sources,
    teamwork,
    webhooks,
)
from kehu.api import customer_edits as customer_edits
from kehu.api import customer_figures as customer_figures
from kehu.api import relations as relations
from kehu.api.json_bodies import CarefulParser

DESCRIPTION = """
Customers, and what the road knows of them. Sign in with a token (`Authorization: Bearer kehu_…`), made by
`kehu token create`. What the token's user may not see is not there; fields their role sees masked are masked here.

Lists come in pages: give `next_cursor` back as `cursor`. Errors are `application/problem+json`; `code` is stable.
Whatever acts takes an `Idempotency-Key`.
"""
# customer_edits adds to the customers' router: two routers would each answer 405 for the other's methods.
ROUTERS: list[tuple[str, Router, str]] = [
    ("/customers", customers.router, "Customers"),
    ("/consents", consents.router, "Consent and privacy"),
    ("/privacy-requests", consents.requests, "Consent and privacy"),
    ("/organisations", organisations.router, "Organisations"),
    ("/lists", lists.router, "Lists"),
    ("/merges", customer_acts.merges, "Customers"),
    ("/sources", sources.router, "Sources"),
    ("/imports", imports.router, "Imports"),
    ("/reviews", reviews.router, "Review"),
    ("/blocked-values", blocked_values.router, "Review"),
    ("/rules", rules.router, "Cleaning rules"),
    ("/quality", quality.router, "Data quality"),
    ("/profile-rules", profile_rules.rules, "Profile rules"),
    ("/computed-attributes", profile_rules.computed, "Profile rules"),
    ("/tags", profile_rules.tags, "Profile rules"),
    ("/comments", teamwork.comments, "Teamwork"),
    ("/notifications", teamwork.notifications, "Teamwork"),
    ("/my", teamwork.my, "Teamwork"),
    ("/screens", screens.router, "Screens of others"),
    ("/screen-pops", screens.pops, "Screens of others"),
    ("/rebuilds", rebuilds.router, "Rebuilds"),
    ("/dead-letters", dead_letters.router, "Dead letters"),
    ("/jobs", jobs.router, "Jobs"),
    ("/changes", changes.router, "Changes"),
    ("/webhooks", webhooks.router, "Webhooks"),
]


class KehuAPI(NinjaAPI):
    """NinjaAPI that says in its description that errors are problem+json."""

    _descriptions: dict[str, Any] = {}

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Made once: anybody may ask for it, and it takes longer than most answers."""
        key = repr(sorted(kwargs.items()))
        if key not in self._descriptions:
            self._descriptions[key] = self._describe(**kwargs)
        return self._descriptions[key]

    def _describe(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "content" in response:
                        response["content"] = {errors.CONTENT_TYPE: response["content"].pop("application/json")}
        return schema


def build() -> KehuAPI:
    api = KehuAPI(
        title="Kehu",
        version="1",
        description=DESCRIPTION.strip(),
        urls_namespace="api",
        docs_url=None,
        parser=CarefulParser(),
    )
    errors.install(api)
    for prefix, router, tag in ROUTERS:
        api.add_router(prefix, router, tags=[tag])
    return api


api = build()
