"""What cleaning is given: a message of the inbox and its source, as far as it needs to know them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class RawMessage(Protocol):
    """A message as it came in."""

    @property
    def kind(self) -> str: ...
    @property
    def message_id(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def sent_at(self) -> datetime | None: ...


class GivenSource(Protocol):
    """Where it came from. is_trusted: may assert strong identifiers."""

    @property
    def slug(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def order_namespace(self) -> str: ...
    @property
    def is_trusted(self) -> bool: ...


class SourceWithMappings(GivenSource, Protocol):
    """A source whose rows are read under mappings, by their hash."""

    @property
    def mapping(self) -> Mapping[str, Any]: ...
