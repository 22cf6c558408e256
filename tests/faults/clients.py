"""Senders that behave like the SDKs: same ids until a 2xx, and a history of what was promised to them."""

import base64
import gzip
import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.installation import WRITE_KEY

BATCH = 50
DUPLICATE_SHARE = 0.05
GZIP_SHARE = 0.3
PEOPLE = 2_000


@dataclass
class History:
    """What each message id came to: acknowledged, or only tried (it may be there, once, or not).

    codes: the answers seen, by number.
    """

    acknowledged: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    codes: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, code: str, ids: Sequence[str], is_acknowledged: bool) -> None:
        with self.lock:
            self.codes[code] = self.codes.get(code, 0) + 1
            self.tried.update(ids)
            if is_acknowledged:
                self.acknowledged.update(ids)


class Load:
    """`messages` messages over `seconds` by several senders, who go on until every one is acknowledged.

    until: the last tenth waits for it, so that there is load as long as there are kills.
    """

    def __init__(
        self,
        ports: Sequence[int],
        *,
        messages: int,
        seconds: float,
        seed: int,
        until: threading.Event | None = None,
        senders: int = 8,
    ) -> None:
        self.history = History()
        self.gave_up: list[str] = []
        self._ports = ports
        self._seconds = seconds
        self._until = until
        self._began = time.monotonic()
        self._batches = [range(start, min(start + BATCH, messages)) for start in range(0, messages, BATCH)]
        self._total = len(self._batches)
        self._next = 0
        self._lock = threading.Lock()
        self.is_stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(random.Random(seed * 1000 + number),), name=f"sender {number}")
            for number in range(senders)
        ]

    def start(self) -> None:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def join(self, timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        self.is_stopped.set()

    def _take(self) -> range | None:
        with self._lock:
            if self._next >= self._total or self.is_stopped.is_set():
                return None
            number = self._next
            self._next += 1
        due = self._began + self._seconds * number / self._total
        self.is_stopped.wait(max(0.0, due - time.monotonic()))
        while self._until and number > self._total * 0.9 and not self.is_stopped.is_set():
            if self._until.wait(0.1):
                break
        return self._batches[number]

    def _send(self, rng: random.Random) -> None:
        connection: http.client.HTTPConnection | None = None
        port = rng.choice(self._ports)
        while (batch := self._take()) is not None:
            ids, request = make_request(batch, rng)
            copies = 2 if rng.random() < DUPLICATE_SHARE else 1
            while copies and not self.is_stopped.is_set():
                connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                code = _post(connection, *request)
                self.history.note(code, ids, code == "200")
                if code == "200":
                    copies -= 1
                    continue
                if code.startswith("4"):
                    self.gave_up.append(code)
                    break
                connection.close()
                connection, port = None, rng.choice(self._ports)
                time.sleep(rng.uniform(0.02, 0.2))


def make_request(batch: range, rng: random.Random) -> tuple[list[str], tuple[bytes, dict[str, str]]]:
    """Message ids, and body and headers. Mixed as in life: mostly track, some identify, known and anonymous."""
    calls = [make_call(number, rng) for number in batch]
    body = json.dumps({"batch": calls}).encode()
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode(),
        "Content-Type": "application/json",
    }
    if rng.random() < GZIP_SHARE:
        body, headers = gzip.compress(body, 1), headers | {"Content-Encoding": "gzip"}
    return [call["messageId"] for call in calls], (body, headers)


def make_call(number: int, rng: random.Random) -> dict[str, Any]:
    person = rng.randrange(PEOPLE)
    call = {"messageId": f"m-{number}", "timestamp": f"2026-0{rng.randint(1, 9)}-15T10:00:00Z", "userId": f"u{person}"}
    return call | {
        "type": "track",
        "event": "Product Viewed",
        "properties": {"number": number, "sku": f"s{person % 97}"},
    }


def _post(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> str:
    """The status, or what happened instead: then nobody knows whether the server took it."""
    try:
        connection.request("POST", "/v1/batch", body, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    return str(response.status)
