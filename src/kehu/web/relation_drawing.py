"""Lays relations out in rings around a customer. Pure: the picture is drawn by the template."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kehu.profile.relations.graph import Edge, Node

MOST_DRAWN: Final = 24
_RINGS: Final = (0.0, 130.0, 220.0)
_LONGEST_NAME: Final = 16  # a Chinese character is as wide as two Latin ones
_WIDE_FROM: Final = 0x2E80
_LETTER, _MARGIN = 7.5, 24.0


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """anchor: of the text, away from the middle. text_x, text_y: where it begins."""

    id: UUID
    name: str
    is_organisation: bool
    is_middle: bool
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    kind: str
    x1: float
    y1: float
    x2: float
    y2: float
    is_over: bool
    is_found: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """view: the box everything lies in, as a viewBox."""

    view: str
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]


def draw_relations(nodes: Sequence[Node], edges: Sequence[Edge]) -> Drawing:
    """nodes: nearest first, the middle one leading; those beyond two steps are left out."""
    shown = [node for node in nodes if node.distance < len(_RINGS)]
    at = _angles(shown, edges)
    places = {node.id: _place(node, at.get(node.id, 0.0)) for node in shown}
    drawn = tuple(_node(node, *places[node.id]) for node in shown)
    return Drawing(
        _view(drawn),
        drawn,
        tuple(
            DrawnEdge(edge.kind, *places[edge.left_id], *places[edge.right_id], edge.is_over, edge.is_found)
            for edge in edges
            if edge.left_id in places and edge.right_id in places
        ),
    )


def _view(nodes: Sequence[DrawnNode]) -> str:
    """No larger than what is in it, so that little is drawn large."""
    left, right = zip(*(_reach(node) for node in nodes), strict=True)
    x, y = min(left) - _MARGIN / 2, min(node.y for node in nodes) - _MARGIN
    width, height = max(right) + _MARGIN / 2 - x, max(node.y for node in nodes) + 1.5 * _MARGIN - y
    return f"{x:.0f} {y:.0f} {width:.0f} {height:.0f}"


def _reach(node: DrawnNode) -> tuple[float, float]:
    long = sum(2 if ord(character) > _WIDE_FROM else 1 for character in node.name) * _LETTER
    begins = {"start": 0.0, "middle": long / 2, "end": long}[node.anchor]
    return min(node.x - 12, node.text_x - begins), max(node.x + 12, node.text_x - begins + long)


def _angles(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[UUID, float]:
    """Each of the first ring takes as much of the circle as it has behind it, and those stand behind it."""
    distance = {node.id: node.distance for node in nodes}
    behind: dict[UUID, list[UUID]] = {node.id: [] for node in nodes if node.distance == 1}
    placed: set[UUID] = set()
    for edge in edges:
        for near, far in ((edge.left_id, edge.right_id), (edge.right_id, edge.left_id)):
            if near in behind and distance.get(far) == 2 and far not in placed:
                behind[near].append(far)
                placed.add(far)
    whole = sum(max(1, len(far)) for far in behind.values())
    angles, taken = {}, 0.0
    for near, some in behind.items():
        width = max(1, len(some))
        angles[near] = _turn(taken + width / 2, whole)
        angles |= {far: _turn(taken + place + 0.5, whole) for place, far in enumerate(some)}
        taken += width
    return angles


def _turn(part: float, whole: int) -> float:
    return 2 * math.pi * part / max(1, whole) - math.pi / 2


def _place(node: Node, angle: float) -> tuple[float, float]:
    radius = _RINGS[node.distance]
    return round(radius * math.cos(angle), 1), round(radius * math.sin(angle), 1)


def _node(node: Node, x: float, y: float) -> DrawnNode:
    side = 0 if node.distance == 0 or abs(x) < 30 else math.copysign(1, x)
    anchor: Mapping[float, str] = {0: "middle", 1: "start", -1: "end"}
    below = 28 if node.distance == 0 or y >= 0 else -16
    return DrawnNode(
        node.id,
        shorten(node.name),
        node.kind == "organisation",
        node.distance == 0,
        x,
        y,
        x + 14 * side,
        y + (4 if side else below),
        anchor[side],
    )


def shorten(name: str) -> str:
    """Short enough to stand beside its neighbors."""
    width = 0
    for place, character in enumerate(name):
        width += 2 if ord(character) > _WIDE_FROM else 1
        if width > _LONGEST_NAME:
            return name[:place] + "…"
    return name
