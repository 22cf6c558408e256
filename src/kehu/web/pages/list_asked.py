"""A list as its address says it: search, filter, order and columns, alone or on top of a saved view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from kehu.govern.access import Actor
from kehu.profile.filters.tree import EVERYBODY, Condition, Group, Match, filter_from, filter_text
from kehu.profile.queries.columns import DEFAULT_COLUMNS
from kehu.profile.queries.lists import ListAsked
from kehu.profile.queries.saved_views import ViewLine, views_for

DEFAULT_SORT = "changed"


@dataclass(frozen=True, slots=True)
class ListAddress:
    """view: the saved one this began with; it is changed as soon as filter, order or columns differ from it."""

    query: str
    filter: Group
    sort: str
    columns: tuple[str, ...]
    view: ViewLine | None
    views: tuple[ViewLine, ...]

    @property
    def asked(self) -> ListAsked:
        return ListAsked(self.query, self.filter, self.sort)

    @property
    def is_changed(self) -> bool:
        began = self.view
        if began is None:
            return (self.filter, self.sort, self.columns) != (EVERYBODY, DEFAULT_SORT, DEFAULT_COLUMNS)
        return (self.filter, self.sort, self.columns) != (began.filter, began.sort, began.columns)

    @property
    def parameters(self) -> dict[str, str]:
        """What the address carries, without what goes without saying."""
        said = {
            "view": str(self.view.id) if self.view else "",
            "q": self.query,
            "filter": filter_text(self.filter) if self._differs("filter") else "",
            "sort": self.sort if self._differs("sort") else "",
            "columns": ",".join(self.columns) if self._differs("columns") else "",
        }
        if self.view and self._differs("filter") and self.filter.is_empty:
            said["filter"] = "{}"
        return {name: text for name, text in said.items() if text}

    def url(self, name: str = "web:customers", **changes: str) -> str:
        return address(name, {**self.parameters, **changes})

    def with_filter(self, group: Group) -> "ListAddress":
        return replace(self, filter=group)

    def _differs(self, part: str) -> bool:
        usual = {"filter": EVERYBODY, "sort": DEFAULT_SORT, "columns": DEFAULT_COLUMNS}
        return bool(getattr(self, part) != (getattr(self.view, part) if self.view else usual[part]))


def list_asked(actor: Actor, asked: QueryDict) -> ListAddress:
    """Raises InvalidInput for a filter that is none; a view that is not there any more is no view."""
    views = tuple(views_for(actor))
    number = asked.get("view", "")
    view = next((one for one in views if str(one.id) == number), None)
    said = str(asked.get("filter", ""))
    group = filter_from(said) if said else view.filter if view else EVERYBODY
    columns = asked.get("columns", "") or ",".join(asked.getlist("column"))
    return ListAddress(
        query=asked.get("q", "").strip()[:200],
        filter=_with_old_filters(group, asked),
        sort=asked.get("sort") or (view.sort if view else DEFAULT_SORT),
        columns=tuple(one for one in columns.split(",") if one) or (view.columns if view else ()) or DEFAULT_COLUMNS,
        view=view,
        views=views,
    )


def address(name: str, parameters: Mapping[str, str]) -> str:
    query = urlencode(parameters)
    return f"{reverse(name)}?{query}" if query else reverse(name)


def _with_old_filters(group: Group, asked: QueryDict) -> Group:
    """?kind= and ?source=: links from other pages say so."""
    said = {name: str(asked.get(name, "")) for name in ("kind", "source")}
    conditions = tuple(Condition(name, "one_of", (text,)) for name, text in said.items() if 0 < len(text) < 40)
    if not conditions:
        return group
    return Group(Match.ALL, conditions, () if group.is_empty else (group,))
