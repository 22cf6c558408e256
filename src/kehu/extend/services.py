"""Changes to the attribute catalogue."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput
from kehu.extend.models import Attribute
from kehu.extend.queries import attribute, forget_catalogue
from kehu.govern import audit
from kehu.govern.access import Actor, require

_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")


@transaction.atomic
def add_attribute(
    *,
    name: str,
    label_en: str,
    label_zh: str,
    actor: Actor,
    type: str = "text",
    data_class: str = "personal",
    rule: str = "recency",
) -> int:
    """Give customers a field of the company's own; returns its id."""
    require(actor, "source.manage")
    if not _NAME.fullmatch(name):
        raise InvalidInput("name", _("use small letters, digits and _, starting with a letter."))
    if attribute(name) is not None:
        raise InvalidInput("name", _("there is an attribute of that name already."))
    audit.note(actor=actor)
    created = Attribute.objects.create(
        name=name,
        label_en=label_en,
        label_zh=label_zh,
        type=Attribute.Type(type),
        data_class=Attribute.DataClass(data_class),
        rule=Attribute.Rule(rule),
        is_custom=True,
    )
    transaction.on_commit(forget_catalogue)
    return created.pk
