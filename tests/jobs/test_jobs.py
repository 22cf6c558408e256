"""The queue and the worker loop, on real commits."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from kehu.core.database import current_connection
from kehu.core.jobs import LeaseLost, cancel, enqueue, queue, run_job_here, run_jobs, sweep_jobs, view
from kehu.core.jobs.context import JobContext
from kehu.core.jobs.errors import JobNotRunnable
from tests.jobs import kinds
from tests.plugins.test_server import TestDatabase

ROOT = Path(__file__).resolve().parents[2]
SHORT = timedelta(seconds=1)


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def working(lease: timedelta = SHORT) -> Iterator[threading.Event]:
    """A worker in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=run_jobs, args=(stop,), kwargs={"threads": 1, "lease": lease})
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def worker_process(database: TestDatabase, lease_seconds: float = 1.0) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.jobs.worker_process", str(lease_seconds)]
    environment = os.environ | database.environment() | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def claim(job_id: int, lease: timedelta = SHORT) -> queue.Claimed:
    claimed = queue.claim(current_connection(), ["test.steps", "test.endless"], lease, job_id)
    assert claimed is not None
    return claimed


def test_a_job_runs_shows_its_progress_and_keeps_its_result(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.steps", {"steps": 3}, actor_id=7)
    with working():
        wait_for(lambda: view(job_id).is_over)
    seen = view(job_id)
    assert (seen.state, seen.done, seen.total, seen.note, seen.result) == ("done", 3, 3, "step 3", {"steps": 3})
    assert kinds.effects(job_id) == [1, 2, 3]
    assert kinds.ENDED[-1] == ({"steps": 3}, "done", "")
    told = current_connection().execute(
        "SELECT payload->>'kind', payload->>'state', actor_id FROM core_outboxevent WHERE name = 'job.ended'"
    )
    assert told.fetchall() == [("test.steps", "done", 7)]


def test_a_job_of_a_rolled_back_transaction_was_never_there(kehu_db: TestDatabase) -> None:
    job_id = 0

    def write_and_fail() -> None:
        nonlocal job_id
        with transaction.atomic():
            job_id = enqueue("test.steps", {"steps": 1})
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()
    with pytest.raises(Exception, match="no job"):
        view(job_id)


def test_one_live_job_per_queueing_key_and_a_new_one_after_its_end(kehu_db: TestDatabase) -> None:
    first = enqueue("test.steps", {"steps": 1}, queueing_key="import:1")
    assert enqueue("test.steps", {"steps": 1}, queueing_key="import:1") == first
    run_job_here(first)
    assert enqueue("test.steps", {"steps": 1}, queueing_key="import:1") != first


def test_two_workers_never_hold_the_same_job(kehu_db: TestDatabase) -> None:
    jobs = {enqueue("test.steps", {"steps": 1}) for _ in range(40)}
    taken: list[int] = []

    def take() -> None:
        with psycopg.connect(kehu_db.dsn("app"), autocommit=True) as own:
            while (claimed := queue.claim(own, ["test.steps"], timedelta(minutes=1))) is not None:
                taken.append(claimed.id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(jobs)


def test_a_killed_workers_job_is_taken_up_where_it_stopped(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.steps", {"steps": 6, "kill_after": [2, 4]})
    for _ in range(2):
        with worker_process(kehu_db) as process:
            process.wait(60)
            assert process.returncode == -signal.SIGKILL
    with worker_process(kehu_db):
        wait_for(lambda: view(job_id).is_over)
    assert view(job_id).state == "done"
    assert kinds.effects(job_id) == [1, 2, 3, 4, 5, 6]


def test_a_job_that_kills_every_worker_is_given_up_after_five(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.poison", {})
    for _ in range(5):
        with worker_process(kehu_db, 0.3) as process:
            process.wait(60)
    with working():
        wait_for(lambda: view(job_id).is_over)
    seen = view(job_id)
    assert (seen.state, seen.attempts) == ("failed", 5)
    assert "died or hung 5 times" in seen.error


def test_a_zombies_commit_is_refused_by_the_fence(kehu_db: TestDatabase) -> None:
    """Stopped in the middle of step 2 for longer than its lease, woken after another worker did the job."""
    job_id = enqueue("test.steps", {"steps": 3, "sleep_at": 2, "sleep_seconds": 2})
    with worker_process(kehu_db, 1.0) as zombie:
        wait_for(lambda: view(job_id).done == 1)
        time.sleep(0.5)
        zombie.send_signal(signal.SIGSTOP)
        with working():
            wait_for(lambda: view(job_id).is_over)
        zombie.send_signal(signal.SIGCONT)
        time.sleep(3)
        assert zombie.poll() is None
    assert kinds.effects(job_id) == [1, 2, 3]
    assert view(job_id).state == "done"


@pytest.mark.parametrize(("is_fenced", "times"), [(True, 1), (False, 2)], ids=["fenced", "negative control"])
def test_without_the_fence_a_frozen_worker_would_do_the_effect_again(
    kehu_db: TestDatabase, is_fenced: bool, times: int
) -> None:
    job_id = enqueue("test.once", {"is_fenced": is_fenced})
    with worker_process(kehu_db, 1.0) as zombie:
        wait_for(lambda: view(job_id).state == "running")
        time.sleep(0.5)
        zombie.send_signal(signal.SIGSTOP)
        with working():
            wait_for(lambda: view(job_id).is_over)
        zombie.send_signal(signal.SIGCONT)
        time.sleep(3)
    assert kinds.effects(job_id) == [1] * times


def test_nothing_a_worker_writes_counts_after_its_fence_moved_on(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.steps", {"steps": 3})
    old = claim(job_id, timedelta(0))
    new = claim(job_id)
    own = current_connection()
    assert new.fence == old.fence + 1
    assert queue.extend_lease(own, old, SHORT) is None
    assert queue.save_progress(own, old, 3, 3, "") is None
    assert not queue.end(own, old, "done")
    assert not queue.give_back(own, old, delay=SHORT, error="", counts=True)
    with pytest.raises(LeaseLost):
        JobContext(old, SHORT, threading.Event()).progress(1)
    assert queue.end(own, new, "done")


def test_a_handler_that_slept_through_its_lease_is_told_without_asking_the_database(kehu_db: TestDatabase) -> None:
    context = JobContext(claim(enqueue("test.steps", {"steps": 1})), timedelta(0), threading.Event())
    time.sleep(0.01)
    with pytest.raises(LeaseLost):
        context.checkpoint()


def test_the_heartbeat_keeps_a_slow_job_with_its_worker(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.endless", {})
    with working(timedelta(seconds=4)):
        wait_for(lambda: view(job_id).state == "running")
        time.sleep(5)
        assert queue.claim(current_connection(), ["test.endless"], SHORT, job_id) is None
        assert view(job_id).attempts == 1
        cancel(job_id)
        wait_for(lambda: view(job_id).is_over)


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_checkpoint(kehu_db: TestDatabase) -> None:
    waiting = enqueue("test.endless", {})
    assert cancel(waiting)
    assert view(waiting).state == "cancelled"
    assert not cancel(waiting)
    with working():
        running = enqueue("test.endless", {})
        wait_for(lambda: view(running).state == "running")
        assert cancel(running)
        wait_for(lambda: view(running).is_over)
    assert view(running).state == "cancelled"


def test_a_stopping_worker_gives_its_job_back_without_counting_an_attempt(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.endless", {})
    with working():
        wait_for(lambda: view(job_id).state == "running")
    assert (view(job_id).state, view(job_id).attempts) == ("queued", 0)


def test_a_job_that_raises_waits_longer_each_time_and_then_fails_with_the_reason(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.raise", {})
    for attempt in range(1, 5):
        run_job_here(job_id)
        assert (view(job_id).state, view(job_id).attempts) == ("queued", attempt)
        with pytest.raises(JobNotRunnable):
            run_job_here(job_id)
        current_connection().execute("UPDATE core_job SET run_at = now() WHERE id = %s", (job_id,))
    run_job_here(job_id)
    assert view(job_id).state == "failed"
    assert "ZeroDivisionError" in view(job_id).error


def test_a_job_cancelled_while_its_worker_lay_dead_is_swept(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.steps", {"steps": 1})
    claim(job_id, timedelta(0))
    cancel(job_id)
    assert sweep_jobs() == 1
    assert view(job_id).state == "cancelled"
    assert kinds.ENDED[-1][1] == "cancelled"


def test_a_worker_lives_through_a_killed_database_session(kehu_db: TestDatabase) -> None:
    job_id = enqueue("test.endless", {})
    with working():
        wait_for(lambda: view(job_id).state == "running")
        with psycopg.connect(kehu_db.dsn("owner"), autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (kehu_db.name,),
            )
        connection.close()
        time.sleep(2.5)
        assert view(job_id).state == "running"
        after = enqueue("test.steps", {"steps": 2})
        cancel(job_id)
        wait_for(lambda: view(after).is_over)
    assert view(after).state == "done"
