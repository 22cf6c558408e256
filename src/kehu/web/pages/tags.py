"""Tags: the tree with owner, meaning and use; and what stands about a customer on its page."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.govern.access import Actor
from kehu.govern.models import User
from kehu.profile.figures.fields import LIFECYCLES, TIERS
from kehu.profile.figures.queries import ComputedLine, figures_of, label_of
from kehu.profile.filters.fields import fields
from kehu.profile.filters.operators import Op
from kehu.profile.filters.tree import Condition, Group, Match, filter_from, filter_text
from kehu.profile.queries.lists import count_customers
from kehu.profile.tags.classes import TAG_CLASSES
from kehu.profile.tags.models import Tag
from kehu.profile.tags.queries import tag_tree, tags_of
from kehu.web import live
from kehu.web.components import Chip, Choice, Text
from kehu.web.counts import count_in_words
from kehu.web.forms import DressedForm
from kehu.web.pages.filter_builder import BuilderPage, Draft, builder_groups
from kehu.web.pages.filter_words import told_group
from kehu.web.wording import format_ago, format_count, format_day, format_moment


@dataclass(frozen=True, slots=True)
class TagRow:
    slug: str
    label: str
    depth: int
    class_label: Text
    meaning: str
    owner: str
    carriers: str
    is_by_rule: bool
    is_retired: bool
    rule_text: str
    edit_url: str
    rule_url: str
    list_url: str
    retire_url: str


@dataclass(frozen=True, slots=True)
class TagsPage:
    rows: list[TagRow]


def tags_page(actor: Actor) -> TagsPage:
    people, address, known = live.people_names(), reverse("web:profile_tags"), fields()
    return TagsPage(
        [
            TagRow(
                line.tag.slug,
                line.label,
                line.depth,
                TAG_CLASSES[line.tag.tag_class],
                line.tag.meaning,
                people.get(line.tag.owner_id or 0, ""),
                format_count(line.carriers),
                line.tag.rule is not None,
                line.tag.is_retired,
                told_group(actor, filter_from(line.tag.rule), known) if line.tag.rule else "",
                f"{address}?edit={line.tag.slug}",
                reverse("web:profile_tag_rule", args=[line.tag.slug]),
                f"{reverse('web:customers')}?{urlencode({'filter': filter_text(_carrying(line.tag.slug))})}",
                reverse("web:profile_tag_retire", args=[line.tag.slug]),
            )
            for line in tag_tree(actor, with_retired=True)
        ]
    )


def _carrying(slug: str) -> Group:
    return Group(Match.ALL, (Condition("tag", Op.ONE_OF, (slug,)),))


@dataclass(frozen=True, slots=True)
class TagRulePage:
    """found_text: how many customers the rule holds for, once it was looked at."""

    label: str
    back_url: str
    builder: BuilderPage
    version: int
    has_rule: bool
    found_text: str = ""
    told: str = ""
    filter_text: str = ""


def tag_rule_page(actor: Actor, tag: Tag, draft: Draft, found: Group | None, error: str) -> TagRulePage:
    """found: the rule to look at, checked; None while it is still being put together."""
    url = reverse("web:profile_tag_rule", args=[tag.slug])
    builder = BuilderPage(
        url, [], builder_groups(actor, draft), error, "#tag-rule", gettext_lazy("Look who would carry it")
    )
    page = TagRulePage(
        label_of(tag.label_en, tag.label_zh), reverse("web:profile_tags"), builder, tag.version, tag.rule is not None
    )
    if found is None:
        return page
    return replace(
        page,
        builder=replace(builder, is_main=False),
        found_text=_("%(n)s customers:") % {"n": count_in_words(count_customers(actor, found))},
        told=told_group(actor, found),
        filter_text=filter_text(found),
    )


class TagForm(DressedForm):
    slug = forms.SlugField(
        label=gettext_lazy("Short name"),
        max_length=50,
        help_text=gettext_lazy("For filters and the API: small letters, -"),
    )
    label_zh = forms.CharField(label=gettext_lazy("Chinese label"), max_length=60)
    label_en = forms.CharField(label=gettext_lazy("English label"), max_length=60)
    tag_class = forms.ChoiceField(label=gettext_lazy("Class"), choices=list(TAG_CLASSES.items()))
    parent = forms.ChoiceField(
        label=gettext_lazy("Stands below"), required=False, choices=lambda: [("", "—"), *_parents()]
    )
    owner_id = forms.TypedChoiceField(
        label=gettext_lazy("Answers for it"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", "—"), *((user.pk, str(user)) for user in User.objects.filter(is_active=True)[:500])],
    )
    meaning = forms.CharField(label=gettext_lazy("Meaning"), max_length=2000, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(slug: str) -> dict[str, Any]:
        tag = Tag.objects.select_related("parent").filter(slug=slug[:50]).first() if slug else None
        if tag is None:
            return {}
        return {
            "slug": tag.slug,
            "label_zh": tag.label_zh,
            "label_en": tag.label_en,
            "tag_class": tag.tag_class,
            "parent": tag.parent.slug if tag.parent else "",
            "owner_id": tag.owner_id,
            "meaning": tag.meaning,
            "version": tag.version,
        }


def _parents() -> list[tuple[str, str]]:
    return [(tag.slug, tag.label_zh) for tag in Tag.objects.filter(is_retired=False).order_by("tag_class", "slug")]


@dataclass(frozen=True, slots=True)
class CustomerTag:
    label: str
    title: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class StandingCard:
    """What is worked out about a customer: chips of lifecycle and value, tags, computed attributes."""

    chips: list[Chip]
    scores: str
    tags: list[CustomerTag]
    computed: list[tuple[str, str]]
    choices: list[Choice]
    tag_url: str


def standing_card(actor: Actor, customer_id: UUID) -> StandingCard:
    figures, people = figures_of(actor, customer_id), live.people_names()
    may_tag = actor.can("customer.edit") and not actor.is_strict
    chips = []
    if figures.lifecycle:
        note = f" · {format_ago(figures.counted_at)}" if figures.counted_at else ""
        tone = {"active": "accent", "dormant": "warn", "lost": "warn"}.get(figures.lifecycle, "")
        chips.append(Chip(f"{dict(LIFECYCLES)[figures.lifecycle]}{note}", "activity", tone))
    if figures.tier:
        chips.append(Chip(dict(TIERS)[figures.tier], "crown", "gold" if figures.tier == "high" else ""))
    tags = []
    for one in tags_of(actor, customer_id):
        given_by = _("by rule") if one.source == "rule" else people.get(one.actor_id or 0, "") or _("by hand")
        can_remove = may_tag and one.source == "manual"
        tags.append(
            CustomerTag(
                f"{one.label}: {one.value}" if one.value else one.label,
                f"{TAG_CLASSES[one.tag_class]} · {given_by} · {format_day(one.since)}",
                reverse("web:customer_untag", args=[customer_id, one.slug]) if can_remove else "",
            )
        )
    return StandingCard(
        chips,
        "R {} · F {} · M {}".format(*figures.scores) if figures.scores else "",
        tags,
        [(line.label, shown) for line in figures.computed if (shown := _shown(line))],
        _given_by_people() if may_tag else [],
        reverse("web:customer_tag", args=[customer_id]),
    )


def _given_by_people() -> list[Choice]:
    tags = Tag.objects.filter(is_retired=False, rule__isnull=True).order_by("tag_class", "label_zh")
    return [Choice(tag.slug, tag.label_zh) for tag in tags]


def _shown(line: ComputedLine) -> str:
    if line.value is None:
        return ""
    match line.kind:
        case "number":
            return f"{line.value:,.2f}".rstrip("0").rstrip(".")
        case "moment":
            return format_moment(line.value)  # type: ignore[arg-type]
        case _:
            return str(line.value)
