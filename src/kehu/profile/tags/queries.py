"""Tags and who carries them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import present_text
from kehu.profile.figures.queries import label_of
from kehu.profile.tags.models import Tag


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag in its tree, with its governance. depth: 0 at the top. carriers: customers who carry it."""

    tag: Tag
    label: str
    depth: int
    carriers: int


@dataclass(frozen=True, slots=True)
class CarriedTag:
    """until None: carried now. source: manual or rule."""

    slug: str
    label: str
    tag_class: str
    value: str
    source: str
    actor_id: int | None
    since: datetime
    until: datetime | None


def tag_tree(actor: Actor, *, with_retired: bool = False) -> list[TagLine]:
    """Every tag, children below their parent. Two queries."""
    require(actor, "customer.view")
    carriers = dict(
        fetch_all(
            "SELECT t.tag_id, count(DISTINCT m.customer_id) FROM profile_tagentry t "
            "JOIN resolve_recordcustomer m ON m.record_id = t.record_id WHERE t.until IS NULL GROUP BY 1"
        )
    )
    found = Tag.objects.order_by("tag_class", "label_en", "pk")
    if not with_retired:
        found = found.filter(is_retired=False)
    children: dict[int | None, list[Tag]] = {}
    known = {tag.pk for tag in found}
    for tag in found:
        children.setdefault(tag.parent_id if tag.parent_id in known else None, []).append(tag)
    lines: list[TagLine] = []

    def walk(parent: int | None, depth: int) -> None:
        for tag in children.get(parent, ()):
            lines.append(TagLine(tag, label_of(tag.label_en, tag.label_zh), depth, carriers.get(tag.pk, 0)))
            walk(tag.pk, depth + 1)

    walk(None, 0)
    return lines


def tags_of(actor: Actor, customer_id: UUID, *, with_history: bool = False) -> list[CarriedTag]:
    """Tags of a customer the actor sees, the newest first; each once, whatever records it hangs on."""
    if actor.is_strict:
        return []
    rows = fetch_all(
        "SELECT g.slug, g.label_en, g.label_zh, g.tag_class, t.value, t.source, t.actor_id, t.since, t.until "
        "FROM profile_tagentry t JOIN profile_tag g ON g.id = t.tag_id "
        "JOIN resolve_recordcustomer m ON m.record_id = t.record_id "
        "WHERE m.customer_id = %s AND (t.until IS NULL OR %s) ORDER BY t.since DESC, t.id DESC LIMIT 200",
        [customer_id, with_history],
    )
    carried: dict[tuple[str, str, datetime | None], CarriedTag] = {}
    for slug, label_en, label_zh, tag_class, value, *rest in rows:
        told = present_text(actor, value)
        one = CarriedTag(slug, label_of(label_en, label_zh), tag_class, told, *rest)
        carried.setdefault((slug, value, one.until), one)
    return list(carried.values())
