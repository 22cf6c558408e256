"""A mapping while somebody works on it: transforms added and taken away. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from kehu.clean.row_mapping import (
    IDENTIFIER_TYPES,
    ORGANISATION_ATTRIBUTES,
    PERSON_ATTRIBUTES,
    columns_made,
    parse_step,
)
from kehu.clean.row_mapping.steps import Split, SplitName, Step
from kehu.collect.imports.overrides import apply_overrides, without_column
from kehu.core.errors import InvalidInput

_MEANINGS: Final = PERSON_ATTRIBUTES | ORGANISATION_ATTRIBUTES | IDENTIFIER_TYPES


def steps_of(mapping: Mapping[str, Any]) -> tuple[Step, ...]:
    return tuple(parse_step(step) for step in mapping.get("steps", ()))


def with_step(mapping: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """A column that is split means nothing by itself any more. The parts of a name are known, those of others are
    guessed once their values are seen."""
    steps = [*mapping.get("steps", ()), msgspec.to_builtins(step)]
    changed: dict[str, Any] = {**mapping, "steps": steps}
    if isinstance(step, Split | SplitName):
        changed = without_column(changed, step.column, from_key=False)
    if isinstance(step, SplitName):
        changed = apply_overrides(changed, [f"{step.surname}=surname", f"{step.given_name}=given_name"])
    return changed


def without_step(mapping: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Columns that only this step made lose their meaning."""
    steps = list(mapping.get("steps", ()))
    if not 0 <= place < len(steps):
        raise InvalidInput("step", f"{place} is none of the {len(steps)} steps.")
    made = columns_made([parse_step(steps.pop(place))])
    left: dict[str, Any] = {**mapping, "steps": steps}
    for column in set(made) - set(columns_made(steps_of(left))):
        left = without_column(left, column)
    if not steps:
        left.pop("steps")
    return left


def with_guessed(mapping: Mapping[str, Any], guesses: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Give new columns what was guessed of them. guesses: (column, role)."""
    overrides = [
        f"{column}={meaning}" for column, role in guesses if (meaning := role.partition(":")[2] or role) in _MEANINGS
    ]
    return apply_overrides(mapping, overrides)
