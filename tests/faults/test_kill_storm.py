"""0 lost, 0 doubled under kill -9 of everything; and the harness is no good unless it goes red when it should.

`make faults` runs the full size; the ordinary run a small one.
"""

import time
from dataclasses import dataclass

import pytest

from kehu.operate.postgres import PostgresServer
from tests.faults.checker import Follower, Verdict, check, wait_for_calm
from tests.faults.clients import Load
from tests.faults.installation import Installation, running
from tests.faults.nemesis import Nemesis

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Size:
    messages: int
    seconds: float
    kills: int


FULL = Size(messages=100_000, seconds=60, kills=20)
SMALL = Size(messages=6_000, seconds=12, kills=6)
CONTROL = Size(messages=6_000, seconds=5, kills=0)


@pytest.fixture(scope="module")
def size(request: pytest.FixtureRequest) -> Size:
    return FULL if request.config.option.markexpr == "faults" else SMALL


def storm(installation: Installation, size: Size, seed: int) -> tuple[Verdict, Load, Nemesis]:
    """Load and kills together, then calm, then the reckoning."""
    nemesis = Nemesis(installation, kills=size.kills, seconds=size.seconds, seed=seed)
    load = Load(installation.ports, messages=size.messages, seconds=size.seconds, seed=seed, until=nemesis.is_done)
    follower = Follower(installation)
    follower.start()
    load.start()
    nemesis.start()
    load.join(size.seconds * 2 + 120)
    nemesis.join(60)
    installation.failpoint_share = 0
    calm = wait_for_calm(installation, 240)
    assert installation.failure is None, f"the supervisor gave up: {installation.failure!r}"
    assert calm, "the worker did not come to the end of the inbox"
    return check(installation, load.history, follower.finish()), load, nemesis


def test_nothing_is_lost_or_doubled_when_everything_is_killed(
    server: PostgresServer, size: Size, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with running(server, "sound", seed=seed, failpoint_share=0.6) as installation:
        verdict, load, nemesis = storm(installation, size, seed)
    recoveries = sorted(installation.recovery_seconds("database"))
    with capsys.disabled():
        print(
            f"\nseed {seed}: {verdict}; {sum(nemesis.killed.values())} kills {dict(nemesis.killed)} "
            f"and {dict(installation.at_failpoints)} at failpoints; answers {load.history.codes}; database back after "
            f"{max(recoveries, default=0):.1f} s at most ({len(recoveries)} times); {time.monotonic() - began:.0f} s"
        )
    assert load.gave_up == []
    assert len(load.history.acknowledged) == size.messages
    assert sum(nemesis.killed.values()) >= size.kills
    assert installation.has_died_everywhere(), str(installation.at_failpoints)
    assert verdict.is_green, str(verdict)
    assert verdict.stored == size.messages
    assert {code for code in load.history.codes if code.isdecimal()} <= {"200", "503"}


def test_control_without_the_dedupe_index_something_is_doubled(server: PostgresServer, seed: int) -> None:
    with running(server, "sound", seed=seed + 1, with_worker=False) as installation:
        with installation.connect("migrate") as owner:
            owner.execute("ALTER TABLE collect_dedupe DROP CONSTRAINT collect_dedupe_pkey")
        verdict, _, _ = storm(installation, CONTROL, seed)
    assert verdict.doubled


@pytest.mark.parametrize(("application", "is_green"), [("delayed", True), ("delayed_without_lock", False)])
def test_control_without_the_shard_lock_a_reader_misses_messages(
    server: PostgresServer, seed: int, application: str, is_green: bool
) -> None:
    """Commits are delayed in both; with the lock that is all that happens."""
    with running(server, application, seed=seed + 2, with_worker=False) as installation:
        verdict, _, _ = storm(installation, CONTROL, seed)
    assert bool(verdict.overtaken) is not is_green, str(verdict)
    assert verdict.is_green is is_green


def test_control_acknowledging_before_the_commit_loses_messages(server: PostgresServer, seed: int) -> None:
    size = Size(CONTROL.messages, CONTROL.seconds, kills=3)
    with running(server, "acknowledging_early", seed=seed + 3, with_worker=False) as installation:
        load = Load(installation.ports, messages=size.messages, seconds=size.seconds, seed=seed)
        load.start()
        for _ in range(size.kills):
            time.sleep(size.seconds / (size.kills + 1))
            installation.kill("collector-0")
            installation.kill("collector-1")
        load.join(60)
        assert wait_for_calm(installation, 30)
        verdict = check(installation, load.history)
    assert verdict.lost
