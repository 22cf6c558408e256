"""Tags and filters of the design system."""

from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kehu.web import wording

register = template.Library()


@cache
def sprite_address() -> str:
    return static("vendor/icons.svg")


@register.simple_tag
def icon(name: str, label: Any = "") -> SafeString:
    """An icon of the sprite: decoration, unless it is given a label."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            label,
            sprite_address(),
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        sprite_address(),
        name,
    )


@register.simple_tag
def avatar(name: str, shape: str = "") -> SafeString:
    """The first letter of a name in a disc. Decoration: the name itself stands beside it."""
    return format_html(
        '<span class="avatar{}" aria-hidden="true">{}</span>',
        "".join(f" avatar--{part}" for part in shape.split()),
        (name or "?").strip()[:1].upper() or "?",
    )


@register.filter
def day(at: datetime) -> str:
    return wording.format_day(at)


@register.filter
def ago(at: datetime | None) -> str:
    return wording.format_ago(at) if at else ""


@register.filter
def moment(at: datetime | None) -> str:
    return wording.format_moment(at) if at else ""


@register.filter
def span(seconds: float | None) -> str:
    return "" if seconds is None else wording.format_span(seconds)


@register.filter
def thousands(number: int | None) -> str:
    return "" if number is None else wording.format_count(number)


@register.filter
def percent(share: float) -> str:
    """0.992 as 99.2 %, never rounded up to certainty."""
    text = f"{min(share * 100, 99.99) if share < 1 else 100:.1f}"
    return f"{text.removesuffix('.0')}%"


@register.filter
def bits(weight: float) -> str:
    return f"{'+' if weight > 0 else '−' if weight < 0 else ''}{abs(weight):.1f}"
