"""Installing and changing sources."""

import secrets
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kehu.collect.errors import SourceNameTaken
from kehu.collect.models import Source
from kehu.collect.source_kinds import SOURCE_KINDS
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import SYSTEM, Actor, require

CHANGEABLE = frozenset(
    {
        "name", "trust_rank", "is_trusted", "is_enabled", "time_zone", "order_namespace", "unique_types",
        "mapping", "department_id", "owner_id",
    }
)  # fmt: skip


def new_write_key() -> str:
    """128 random bits. A write key can only append events, and never read anything."""
    return "wk_" + secrets.token_hex(16)


@transaction.atomic
def create_source(
    *, kind: str, name: str, actor: Actor = SYSTEM, slug: str = "", reason: str = "", **fields: Any
) -> Source:
    """Install a source; its write_key is made here. fields: any of CHANGEABLE.

    slug names its records for good; made from the name when not given. Raises InvalidInput, SourceNameTaken.
    """
    require(actor, "source.manage")
    if kind not in SOURCE_KINDS:
        raise InvalidInput("kind", _("use one of %(kinds)s.") % {"kinds": ", ".join(SOURCE_KINDS)})
    if not name.strip():
        raise InvalidInput("name", _("give the source a name."))
    _check(fields)
    audit.act_as(actor, reason)
    slug = slug or _free_slug(slugify(name) or kind)
    fields.setdefault("is_trusted", SOURCE_KINDS[kind].is_trusted)
    try:
        with transaction.atomic():
            return Source.objects.create(kind=kind, name=name.strip(), slug=slug, write_key=new_write_key(), **fields)
    except IntegrityError as error:
        raise SourceNameTaken(slug) from error


@transaction.atomic
def change_source(source_id: int, *, actor: Actor, reason: str = "", **fields: Any) -> Source:
    """Change any of CHANGEABLE. The collector notices within a few seconds."""
    require(actor, "source.manage")
    _check(fields)
    source = _locked(source_id)
    audit.act_as(actor, reason)
    for name, value in fields.items():
        setattr(source, name, value)
    source.save(update_fields=list(fields))
    return source


@transaction.atomic
def renew_write_key(source_id: int, *, actor: Actor, reason: str = "") -> Source:
    """Give the source another write key; the old one is refused within a few seconds."""
    require(actor, "source.manage")
    source = _locked(source_id)
    audit.act_as(actor, reason)
    source.write_key = new_write_key()
    source.save(update_fields=["write_key"])
    return source


def _locked(source_id: int) -> Source:
    try:
        return Source.objects.select_for_update().get(pk=source_id)
    except Source.DoesNotExist as error:
        raise NotFound("source", source_id) from error


def _check(fields: dict[str, Any]) -> None:
    unknown = fields.keys() - CHANGEABLE
    if unknown:
        raise InvalidInput(min(unknown), _("this cannot be set."))
    if "time_zone" in fields and fields["time_zone"] not in available_timezones():
        raise InvalidInput("time_zone", _("use a name such as %(zone)s.") % {"zone": ZoneInfo("Asia/Shanghai").key})


def _free_slug(wanted: str) -> str:
    """The wanted slug, or with the first number that makes it new."""
    wanted = wanted[:40]
    taken = set(Source.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number, slug = 1, wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
