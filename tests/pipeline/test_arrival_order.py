"""The partition and the golden values are a function of what was said, not of when it arrived."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.pipeline.cast import Road3, Town, road_of

MESSAGES, PEOPLE, SHUFFLES = 300, 72, 3
# KEHU_FULL_SIZE=1: what is promised in full, ten shuffles and a stream of five thousand messages (minutes).
if os.environ.get("KEHU_FULL_SIZE"):
    MESSAGES, PEOPLE, SHUFFLES = 5000, 1200, 10
WINDOWS = (37, 101, 2000)
FEW = 4  # of a stream come in before it settles: each goes to a shard of its own, or nearly


@pytest.fixture
def new_road(kehu_db: Any, database_server: Any, worker_label: str) -> Iterator[Callable[[], Road3]]:
    """A fresh database each time it is called."""
    names = []
    with ExitStack() as stack:

        def make() -> Road3:
            database = database_server.clone(worker_label)
            names.append(database.name)
            return stack.enter_context(road_of(database))

        yield make
    for name in names:
        database_server.drop(name)


def arrive(road: Road3, order: int | None, window: int = 2000) -> Road3:
    town = Town(seed=7, people=PEOPLE)
    bodies = list(town.bodies(MESSAGES))
    messages = [road.message(*body, message_id=f"m{number}") for number, body in enumerate(bodies)]
    if order is not None:
        random.Random(order).shuffle(messages)
    if window == 1:
        for first in range(0, len(messages), FEW):
            road.send(messages[first : first + FEW])
            road.settle_in_windows_of(1)
    else:
        road.send(messages)
        road.settle_in_windows_of(window)
    return road


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_shuffled_windows_and_a_stream_give_the_same_customers(new_road: Callable[[], Road3]) -> None:
    expected = arrive(new_road(), order=None)
    partition, golden = expected.partition(), expected.golden_values()
    assert PEOPLE / 2 < len(partition) < PEOPLE * 1.7, "the town is neither all one person nor all strangers"
    assert any(len(group) > 2 for group in partition)
    for order in range(1, SHUFFLES + 1):
        other = arrive(new_road(), order=order, window=WINDOWS[order % len(WINDOWS)])
        assert other.partition() == partition
        assert other.golden_values() == golden
    assert arrive(new_road(), order=99, window=1).partition() == partition
