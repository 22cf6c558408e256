"""Every change reaches the receiver, though the worker is killed again and again and the receiver fails and dawdles:
each message at least once, always under its own id, with a signature that holds."""

import http.server
import json
import random
import threading
import time
from typing import Any

import pytest

from kehu.config import config
from kehu.core.sealing import seal
from kehu.feed import signing
from kehu.feed.sending import SEAL
from kehu.operate.postgres import PostgresServer
from tests.faults.checker import wait_for_calm
from tests.faults.clients import Load
from tests.faults.installation import running

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

SECRET = signing.new_secret()
KILLS = 3


class Receiver(http.server.ThreadingHTTPServer):
    """Answers 500 to a third, takes its time over some, and keeps what it took by message id."""

    daemon_threads = True

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.rng = random.Random(seed)
        self.taken: dict[str, list[bytes]] = {}
        self.refused = 0
        self.forged = 0
        self.lock = threading.Lock()


class Answering(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name, stamp = self.headers["webhook-id"], int(self.headers["webhook-timestamp"])
        with self.server.lock:
            chance = self.server.rng.random()
            if self.headers["webhook-signature"] != signing.sign(name, stamp, body, SECRET):
                self.server.forged += 1
            if chance < 0.3:
                self.server.refused += 1
            else:
                self.server.taken.setdefault(name, []).append(body)
        if chance > 0.9:
            time.sleep(0.5)  # taken, but the answer is late: the sender may be killed before it hears it
        self.send_response(500 if chance < 0.3 else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def test_every_change_reaches_a_failing_receiver_through_kills(
    server: PostgresServer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEHU_OUTBOUND_ALLOW", "localhost")
    monkeypatch.setenv("KEHU_SECRET_KEY", config.secret_key)
    receiver = Receiver(seed)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with running(server, "sound", seed=seed + 20) as installation:
        with installation.connect() as connection:
            connection.execute(
                "INSERT INTO feed_webhook (name, url, kinds, secret, old_secret, is_enabled, disabled_because,"
                " failures_in_row, lease_no) VALUES ('r', %s, %s, %s, '', true, '', 0, 0)",
                (
                    f"http://localhost:{receiver.server_address[1]}/",
                    ["customer.created", "customer.updated"],
                    seal(SECRET, SEAL),
                ),
            )
        load = Load(installation.ports, messages=1_500, seconds=6, seed=seed)
        load.start()
        for _ in range(KILLS):
            time.sleep(2)
            installation.kill("worker")
        load.join(60)
        assert wait_for_calm(installation, 120)
        until = time.monotonic() + 240
        while left := waiting(installation):
            assert time.monotonic() < until, left
            time.sleep(0.5)
        with installation.connect() as connection:
            [(created,)] = connection.execute(
                "SELECT array_agg(DISTINCT customer)"
                " FROM core_outboxevent, jsonb_array_elements_text(payload->'created') AS c (customer)"
            ).fetchall()
            [(dead,)] = connection.execute("SELECT count(*) FROM feed_delivery WHERE state = 'dead'").fetchall()
            messages = connection.execute("SELECT webhook_message_id, body FROM feed_delivery").fetchall()
    receiver.shutdown()
    receiver.server_close()
    told = {
        change["customer_id"]
        for bodies in receiver.taken.values()
        for said in [json.loads(bodies[0])]
        if said["type"] == "customer.created"
        for change in said["data"]["changes"]
    }
    assert (receiver.forged, dead) == (0, 0)
    assert receiver.refused > 0
    assert told == set(created), "each new customer was told of"
    assert {name: {body} for name, body in messages} == {
        name: {body.decode() for body in bodies} for name, bodies in receiver.taken.items()
    }, "one message has one id and one body, however often it was sent"


def waiting(installation: Any) -> str:
    """What is still to be handed on or sent; hurried along, so that nobody waits for the back-off."""
    with installation.connect() as connection:
        connection.execute("UPDATE feed_delivery SET next_at = now() WHERE state = 'pending'")
        connection.execute("UPDATE feed_webhook SET paused_until = NULL")
        [(events, deliveries)] = connection.execute(
            "SELECT (SELECT count(*) FROM core_outboxevent WHERE published_at IS NULL),"
            " (SELECT count(*) FROM feed_delivery WHERE state = 'pending')"
        ).fetchall()
    return f"{events} events, {deliveries} deliveries" if events or deliveries else ""
