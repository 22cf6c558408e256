"""The same message ids posted by many callers to two collectors at the same time: each is stored once.

After RudderStack's Test_Dedup_Race; 10,000 ids × 20 callers by `make faults`, fewer in the ordinary run.
"""

import base64
import http.client
import json
import random
import threading

import pytest

from kehu.operate.postgres import PostgresServer
from tests.faults.installation import WRITE_KEY, Installation, running

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(400)]

BATCH = 100


def post_all(installation: Installation, ids: int, seed: int, codes: list[int]) -> None:
    """Every id once, in an order and in batches of this caller's own, under users of its own choice."""
    rng = random.Random(seed)
    numbers = list(range(ids))
    rng.shuffle(numbers)
    connection = http.client.HTTPConnection("127.0.0.1", rng.choice(installation.ports), timeout=60)
    headers = {"Authorization": "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()}
    for start in range(0, ids, BATCH):
        calls = [
            {"type": "track", "event": "E", "messageId": f"same-{number}", "userId": f"u{seed}-{number % 7}"}
            for number in numbers[start : start + BATCH]
        ]
        connection.request("POST", "/v1/batch", json.dumps({"batch": calls}), headers)
        response = connection.getresponse()
        response.read()
        codes.append(response.status)


def test_the_same_ids_posted_by_many_at_once_are_stored_once(
    server: PostgresServer, seed: int, request: pytest.FixtureRequest
) -> None:
    ids, callers = (10_000, 20) if request.config.option.markexpr == "faults" else (1_000, 8)
    codes: list[int] = []
    with running(server, "sound", seed=seed + 9, with_worker=False) as installation:
        threads = [
            threading.Thread(target=post_all, args=(installation, ids, seed * 100 + caller, codes))
            for caller in range(callers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        with installation.connect() as connection:
            row = connection.execute("SELECT count(*), count(DISTINCT message_id) FROM collect_inbox").fetchone()
    assert set(codes) == {200}
    assert len(codes) == callers * ids // BATCH
    assert row == (ids, ids)
