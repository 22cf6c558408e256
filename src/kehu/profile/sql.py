"""Pieces of SQL with their parameters, put together without counting placeholders. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Sql(NamedTuple):
    """Text with one %s per parameter. The text comes from code; what people typed is always a parameter."""

    text: str
    parameters: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")


def sql(template: str, *parts: Any) -> Sql:
    """Fill each {} of the template: a piece of SQL stands there itself, any other value becomes a parameter."""
    texts: list[str] = []
    parameters: list[Any] = []
    pieces = template.split("{}")
    if len(pieces) != len(parts) + 1:
        raise ValueError(f"{len(parts)} parts for {len(pieces) - 1} places: {template}")
    for piece, part in zip(pieces, parts, strict=False):
        texts.append(piece)
        if isinstance(part, Sql):
            texts.append(part.text)
            parameters.extend(part.parameters)
        else:
            texts.append("%s")
            parameters.append(part)
    return Sql("".join((*texts, pieces[-1])), tuple(parameters))


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Conditions joined by AND; TRUE for none."""
    return _joined(" AND ", [one for one in conditions if one and one != TRUE]) or TRUE


def any_of(conditions: Iterable[Sql]) -> Sql:
    """Conditions joined by OR; FALSE for none."""
    return _joined(" OR ", [one for one in conditions if one]) or FALSE


def none_of(conditions: Iterable[Sql]) -> Sql:
    return sql("({}) IS NOT TRUE", any_of(conditions))


def _joined(word: str, conditions: list[Sql]) -> Sql:
    if len(conditions) == 1:
        return conditions[0]
    parameters = tuple(value for one in conditions for value in one.parameters)
    return Sql(f"({word.join(one.text for one in conditions)})" if conditions else "", parameters)
