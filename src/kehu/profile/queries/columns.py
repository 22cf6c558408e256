"""What a list can show of a customer, on the page and in a file, as the actor may see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from kehu.core.errors import InvalidInput
from kehu.extend import queries as catalogue
from kehu.profile.queries.lists import CustomerLine
from kehu.profile.queries.worked_out import WorkedOut, worked_out_columns

DEFAULT_COLUMNS: Final = ("attribute.phone", "attribute.email", "place", "records", "seen")
MOST_COLUMNS: Final = 30


@dataclass(frozen=True, slots=True)
class Names:
    """What a line does not hold itself: sources and people by id, and what is worked out of its customers."""

    sources: Mapping[int, str]
    people: Mapping[int, str]
    worked_out: WorkedOut = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """value: what stands in the cell: a text, a number, a moment or None. sort: the order of the list it stands for."""

    name: str
    label: Any
    value: Callable[[CustomerLine, Names], Any]
    sort: str = ""
    is_number: bool = False


def columns() -> dict[str, Column]:
    """Every column by name, in the order of the menu. The name of the customer always comes first, so it is none."""
    attributes = [
        Column(f"attribute.{info.name}", info.label, _attribute(info.name), f"attribute.{info.name}")
        for info in catalogue.catalogue()
        if info.name != "name"
    ]
    more = [Column(one.name, one.label, _worked_out(one.name), is_number=one.is_number) for one in worked_out_columns()]
    return {column.name: column for column in (*attributes, *_FIXED, *more)}


def check_columns(names: Sequence[str]) -> None:
    known = columns()
    if len(names) > MOST_COLUMNS:
        raise InvalidInput("columns", f"{len(names)} columns: at most {MOST_COLUMNS}.")
    for name in names:
        if name not in known:
            raise InvalidInput("columns", f"there is no column {name[:60]!r}")


def chosen_columns(names: Sequence[str]) -> list[Column]:
    """Those there are; a column whose attribute is gone drops out of a list that was saved with it."""
    known = columns()
    return [known[name] for name in dict.fromkeys(names) if name in known]


def _attribute(name: str) -> Callable[[CustomerLine, Names], Any]:
    def value(line: CustomerLine, names: Names) -> Any:
        return line.golden[name].value if name in line.golden else None

    return value


def _worked_out(name: str) -> Callable[[CustomerLine, Names], Any]:
    return lambda line, names: names.worked_out.get(line.id, {}).get(name)


def _place(line: CustomerLine, names: Names) -> Any:
    found = line.golden.get("city") or line.golden.get("address")
    return found.value if found else None


def _sources(line: CustomerLine, names: Names) -> Any:
    return ", ".join(names.sources[one] for one in line.source_ids if one in names.sources)


def _owner(line: CustomerLine, names: Names) -> Any:
    return names.people.get(line.owner_id or 0)


_FIXED: Final = (
    Column("place", _("Place"), _place),
    Column("kind", _("Kind"), lambda line, names: line.kind),
    Column("sources", _("Sources"), _sources),
    Column("owner", _("Owner"), _owner),
    Column("records", _("Records"), lambda line, names: line.record_count, "records", is_number=True),
    Column("orders", _("Orders"), lambda line, names: line.order_count, is_number=True),
    Column("spent", _("Sum of orders"), lambda line, names: line.order_total, is_number=True),
    Column("currency", _("Currency"), lambda line, names: line.currency if line.order_count else None),
    Column("seen", _("Last seen"), lambda line, names: line.last_at, "seen"),
    Column("changed", _("Changed"), lambda line, names: line.updated_at, "changed"),
)
