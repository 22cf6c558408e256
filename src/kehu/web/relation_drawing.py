"""Lays relations out in rings around a customer, in a box of 640 × 520. Pure: the picture is drawn by the template."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kehu.profile.relations.graph import Edge, Node

WIDTH, HEIGHT = 640.0, 520.0
MOST_DRAWN: Final = 24
_RINGS: Final = (0.0, 120.0, 205.0)
_LONGEST_NAME: Final = 16  # a Chinese character is as wide as two Latin ones


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
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]


def draw_relations(nodes: Sequence[Node], edges: Sequence[Edge]) -> Drawing:
    """nodes: nearest first, the middle one leading; those beyond two steps are left out."""
    shown = [node for node in nodes if node.distance < len(_RINGS)]
    at = _angles(shown, edges)
    places = {node.id: _place(node, at.get(node.id, 0.0)) for node in shown}
    return Drawing(
        tuple(_node(node, *places[node.id]) for node in shown),
        tuple(
            DrawnEdge(edge.kind, *places[edge.left_id], *places[edge.right_id], edge.is_over, edge.is_found)
            for edge in edges
            if edge.left_id in places and edge.right_id in places
        ),
    )


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
    return round(WIDTH / 2 + 1.15 * radius * math.cos(angle), 1), round(HEIGHT / 2 + radius * math.sin(angle), 1)


def _node(node: Node, x: float, y: float) -> DrawnNode:
    side = 0 if node.distance == 0 or abs(x - WIDTH / 2) < 30 else math.copysign(1, x - WIDTH / 2)
    anchor: Mapping[float, str] = {0: "middle", 1: "start", -1: "end"}
    below = 28 if node.distance == 0 or y >= HEIGHT / 2 else -16
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
        width += 2 if ord(character) > 0x2E80 else 1
        if width > _LONGEST_NAME:
            return name[:place] + "…"
    return name
