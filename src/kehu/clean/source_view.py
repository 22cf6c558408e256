"""What cleaning must know of the source a message came from."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec


class SourceView(msgspec.Struct, frozen=True):
    """A source as plain values. trust: its rank in survivorship, higher wins.

    time_zone: for times without one. is_trusted: may assert strong identifiers (a browser never may).
    mapping: row mappings by their hash.
    """

    id: int
    slug: str
    kind: str = "web"
    trust: int = 50
    time_zone: str = "Asia/Shanghai"
    order_namespace: str = ""
    mapping: dict[str, Any] = {}
    unique_types: tuple[str, ...] = ()
    is_trusted: bool = False
    is_enabled: bool = True
    department_id: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
