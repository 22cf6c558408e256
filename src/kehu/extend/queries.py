"""What fields a customer can have."""

import time
from dataclasses import dataclass

from django.utils.translation import get_language

from kehu.extend.models import Attribute

_KEPT_FOR_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    name: str
    label_en: str
    label_zh: str
    type: str
    data_class: str
    rule: str
    position: int
    is_custom: bool

    @property
    def label(self) -> str:
        """In the language of the page."""
        return self.label_zh if (get_language() or "").startswith("zh") else self.label_en


class _Kept:
    """The catalogue as last read: asked for every value shown, changed once a month."""

    attributes: tuple[AttributeInfo, ...] = ()
    by_name: dict[str, AttributeInfo] = {}
    until: float = 0.0


def catalogue() -> tuple[AttributeInfo, ...]:
    """Every attribute in the order of the page; at most ten seconds old, own changes seen at once."""
    if time.monotonic() >= _Kept.until:
        _Kept.attributes = tuple(
            AttributeInfo(**row)
            for row in Attribute.objects.order_by("position", "name").values(
                "name", "label_en", "label_zh", "type", "data_class", "rule", "position", "is_custom"
            )
        )
        _Kept.by_name = {attribute.name: attribute for attribute in _Kept.attributes}
        _Kept.until = time.monotonic() + _KEPT_FOR_SECONDS
    return _Kept.attributes


def attribute(name: str) -> AttributeInfo | None:
    catalogue()
    return _Kept.by_name.get(name)


def data_class_of(name: str) -> str:
    """The data class of an attribute; a name nobody declared counts as personal."""
    found = attribute(name)
    return found.data_class if found else Attribute.DataClass.PERSONAL.value


def forget_catalogue() -> None:
    """Read it anew next time: after a change."""
    _Kept.until = 0.0
