"""Who is tied to whom around a customer, some steps far; and what stands above and below an organisation."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kehu.govern.access import Actor
from kehu.profile.queries.lists import lines_of
from kehu.profile.queries.lookup import current_customer
from kehu.profile.relations.kinds import HIERARCHY, Side
from kehu.profile.relations.lines import Asked, RelationLine
from kehu.profile.relations.queries import relations_among

MOST_NODES = 60
_DEEPEST = 8
_MOST_BELOW = 2000


@dataclass(frozen=True, slots=True)
class Node:
    """distance: steps from the customer in the middle."""

    id: UUID
    name: str
    kind: str
    distance: int


@dataclass(frozen=True, slots=True)
class Edge:
    left_id: UUID
    right_id: UUID
    kind: str
    role: str
    is_over: bool
    is_found: bool


@dataclass(frozen=True, slots=True)
class RelationGraph:
    """nodes: nearest first. is_whole False: more stand around than were taken in."""

    nodes: list[Node]
    edges: list[Edge]
    is_whole: bool


def relation_graph(actor: Actor, customer_id: UUID, *, steps: int = 2, most: int = MOST_NODES) -> RelationGraph:
    """Only customers and ties the actor sees. Raises NotFound."""
    middle: UUID = current_customer(actor, customer_id).id
    [line] = lines_of(actor, [middle])
    nodes = {middle: Node(middle, line.name, line.kind, 0)}
    edges: dict[tuple[UUID, UUID, str], Edge] = {}
    frontier: Collection[UUID] = [middle]
    is_whole = True
    for step in range(1, steps + 1):
        found = relations_among(actor, frontier, limit=most)
        is_whole = is_whole and found.next is None
        new: dict[UUID, Node] = {}
        for customer in frontier:
            for one in found.lines.get(customer, []):
                if one.customer_id not in nodes and one.customer_id not in new:
                    if len(nodes) + len(new) >= most:
                        is_whole = False
                        continue
                    new[one.customer_id] = Node(one.customer_id, one.name, one.customer_kind, step)
                edge = _edge(customer, one)
                edges.setdefault((*sorted((edge.left_id, edge.right_id)), edge.kind), edge)  # type: ignore[arg-type]
        nodes |= new
        frontier = new
        if not new:
            break
    return RelationGraph(list(nodes.values()), list(edges.values()), is_whole)


def _edge(customer: UUID, line: RelationLine) -> Edge:
    ends = (customer, line.customer_id) if line.side is Side.LEFT else (line.customer_id, customer)
    return Edge(*ends, line.kind, line.role, line.is_over, line.is_found)


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody above or below an organisation. depth: 1 = next to it. through: the one nearer to it."""

    line: RelationLine
    depth: int
    through: UUID


def above(actor: Actor, organisation: UUID) -> list[Place]:
    """Head offices and parents, the nearest first."""
    return _walk(actor, organisation, Asked(HIERARCHY, Side.LEFT))


def below(actor: Actor, organisation: UUID) -> list[Place]:
    """Branches and subsidiaries, and theirs; circles are walked once."""
    return _walk(actor, organisation, Asked(HIERARCHY, Side.RIGHT))


def _walk(actor: Actor, start: UUID, asked: Asked) -> list[Place]:
    places: dict[UUID, Place] = {}
    frontier: list[UUID] = [start]
    for depth in range(1, _DEEPEST + 1):
        found = relations_among(actor, frontier, asked, limit=_MOST_BELOW).lines
        new = {}
        for customer in frontier:
            for line in found.get(customer, []):
                if not line.is_over and line.customer_id != start and line.customer_id not in places:
                    new[line.customer_id] = Place(line, depth, customer)
        places |= new
        frontier = list(new)
        if not frontier or len(places) >= _MOST_BELOW:
            break
    return list(places.values())
