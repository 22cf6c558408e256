"""Customers a query finds, as the palette, the duplicate hint and the merge dialog show them."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from kehu.govern.access import Actor
from kehu.profile import queries as profile
from kehu.profile.queries import CustomerLine
from kehu.web import live
from kehu.web.components import Text
from kehu.web.pages.customer import shown_name
from kehu.web.wording import format_phone


@dataclass(frozen=True, slots=True)
class Found:
    text: Text
    url: str
    note: Text = ""
    icon: str = ""
    id: UUID | None = None

    @property
    def name(self) -> Text:
        return self.text


def find_customers(actor: Actor, query: str, limit: int = 8) -> list[Found]:
    """The best few, best first. Nothing for an empty query."""
    if not query.strip():
        return []
    return [found_from(line) for line in profile.customer_list(actor, text=query, limit=limit).lines]


def found_from(line: CustomerLine) -> Found:
    contact = line.golden.get("phone") or line.golden.get("email")
    where = live.source_name(line.source_ids[0]) if line.source_ids else ""
    parts = [format_phone(contact.value) if contact else "", where]
    return Found(
        shown_name(line.name, line.golden),
        reverse("web:customer", args=[line.id]),
        " · ".join(part for part in parts if part),
        id=line.id,
    )
