"""Making tags, and giving them to customers. A tag hangs on the founding record: merge and unmerge take it along."""

import re
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern import audit
from kehu.govern.access import SYSTEM, Actor, require
from kehu.govern.models import User
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.filters.tree import Group, conditions_of, filter_from, plain_values
from kehu.profile.queries.lookup import current_customer, founding_record, members_of
from kehu.profile.tags.classes import TAG_CLASSES
from kehu.profile.tags.models import Tag, TagEntry

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
DEEPEST = 5


@transaction.atomic
def save_tag(
    slug: str,
    *,
    actor: Actor,
    label_en: str,
    label_zh: str,
    tag_class: str,
    parent: str = "",
    meaning: str = "",
    owner_id: int | None = None,
    rule: Any = None,
    version: int | None = None,
    reason: str = "",
) -> Tag:
    """A new tag (version None), or the one of this slug as it shall be from now on.

    rule: a filter as lists have it; None = given by people. Raises InvalidInput, NotFound, VersionConflict.
    """
    require(actor, "profile.manage")
    tag = Tag.objects.select_for_update().filter(slug=slug).first()
    if version is None:
        if tag is not None:
            raise InvalidInput("slug", _("there is a tag of that name already."))
        if not _SLUG.fullmatch(slug):
            raise InvalidInput("slug", _("use small letters, digits, - and _."))
        tag = Tag(slug=slug, version=0)
    elif tag is None:
        raise NotFound("tag", slug)
    elif tag.version != version:
        raise VersionConflict("tag", slug, version, tag.version)
    audit.act_as(actor, reason)
    tag.label_en, tag.label_zh = _label("label_en", label_en), _label("label_zh", label_zh)
    if tag_class not in TAG_CLASSES:
        raise InvalidInput("tag_class", ", ".join(TAG_CLASSES))
    tag.tag_class = tag_class
    tag.parent = _parent(tag, parent)
    tag.meaning = meaning.replace("\x00", "").strip()[:2000]
    if owner_id is not None and not User.objects.filter(pk=owner_id, is_active=True).exists():
        raise InvalidInput("owner_id", _("choose somebody who works here."))
    tag.owner_id = owner_id
    tag.rule = _rule(rule)
    tag.version += 1
    tag.save()
    return tag


@transaction.atomic
def change_rule(slug: str, rule: Any, *, actor: Actor, version: int, reason: str = "") -> Tag:
    """Give the tag by this rule from now on; with none, people give it. Raises as save_tag does."""
    require(actor, "profile.manage")
    tag = _tag(slug)
    if tag.version != version:
        raise VersionConflict("tag", slug, version, tag.version)
    audit.act_as(actor, reason)
    tag.rule, tag.version = _rule(rule), tag.version + 1
    tag.save(update_fields=["rule", "version"])
    return tag


def rule_of(slug: str, *, actor: Actor) -> Any:
    require(actor, "profile.manage")
    return Tag.objects.filter(slug=slug).values_list("rule", flat=True).first()


def check_rule(rule: Group) -> None:
    """Raises InvalidInput for what no tag can follow."""
    _rule(plain_values(rule))


@transaction.atomic
def retire_tag(slug: str, *, actor: Actor, reason: str = "") -> int:
    """Nobody is given it any more, and who carries it carries it no longer; its history stays. Returns how many did."""
    require(actor, "profile.manage")
    tag = _tag(slug)
    audit.act_as(actor, reason)
    tag.is_retired, tag.version = True, tag.version + 1
    tag.save(update_fields=["is_retired", "version"])
    return TagEntry.objects.filter(tag=tag, until=None).update(until=timezone.now())


@transaction.atomic
def tag_customer(customer_id: UUID, slug: str, *, actor: Actor, value: str = "", reason: str = "") -> None:
    """Give the customer a tag, with a value where one helps; another value ends the one before."""
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.edit", on=(customer,))
    tag = _tag(slug)
    if tag.is_retired:
        raise InvalidInput("tag", _("this tag is retired: choose another one."))
    if tag.rule is not None:
        raise InvalidInput("tag", _("this tag follows a rule: change the rule instead."))
    value = value.replace("\x00", "").strip()
    if len(value) > 100:
        raise InvalidInput("value", _("at most 100 characters."))
    now = timezone.now()
    carried = TagEntry.objects.select_for_update().filter(tag=tag, until=None, record_id__in=_records(customer))
    if any(entry.value == value for entry in carried):
        return
    carried.update(until=now)
    TagEntry.objects.create(
        tag=tag,
        record_id=founding_record(customer),
        value=value,
        source=TagEntry.Source.MANUAL,
        actor_id=actor.user_id,
        reason=reason.replace("\x00", "")[:200],
        since=now,
    )


@transaction.atomic
def untag_customer(customer_id: UUID, slug: str, *, actor: Actor) -> None:
    """Take a tag that people gave. Raises NotFound when the customer does not carry it."""
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.edit", on=(customer,))
    tag = _tag(slug)
    if tag.rule is not None:
        raise InvalidInput("tag", _("this tag follows a rule: change the rule instead."))
    carried = TagEntry.objects.filter(tag=tag, until=None, record_id__in=_records(customer))
    if not carried.update(until=timezone.now()):
        raise NotFound("tag", slug)


def _tag(slug: str) -> Tag:
    tag = Tag.objects.select_for_update().filter(slug=slug).first()
    if tag is None:
        raise NotFound("tag", slug)
    return tag


def _records(customer: UUID) -> list[UUID]:
    return [member.id for member in members_of([customer]).get(customer, [])]


def _label(field: str, text: str) -> str:
    label = text.replace("\x00", "").strip()
    if not 1 <= len(label) <= 60:
        raise InvalidInput(field, _("from 1 to 60 characters."))
    return label


def _parent(tag: Tag, slug: str) -> Tag | None:
    if not slug:
        return None
    parent = Tag.objects.filter(slug=slug, is_retired=False).first()
    if parent is None:
        raise InvalidInput("parent", _("there is no such tag."))
    above, depth = parent, 1
    while above is not None:
        if above.pk == tag.pk and tag.pk is not None:
            raise InvalidInput("parent", _("a tag cannot stand below itself."))
        above, depth = above.parent, depth + 1  # type: ignore[assignment]
        if depth > DEEPEST:
            raise InvalidInput("parent", _("the tree is at most five deep."))
    return parent


def _rule(rule: Any) -> Any:
    if rule in (None, "", {}):
        return None
    group = filter_from(rule)
    if group.is_empty:
        return None
    if any(one.field == "tag" for one in conditions_of(group)):
        raise InvalidInput("rule", _("a rule cannot ask for tags: which would come first?"))
    compile_filter(SYSTEM, group)
    return msgspec.to_builtins(group)
