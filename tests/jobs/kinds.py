"""Kinds of jobs for the tests, importable by a worker process of its own."""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kehu.core.database import current_connection
from kehu.core.jobs import JobContext, job

ENDED: list[tuple[Mapping[str, Any], str, str]] = []


def note_end(payload: Mapping[str, Any], state: str, error: str) -> None:
    ENDED.append((payload, state, error))


def write_effect(job_id: int, step: int) -> None:
    """An effect that would show twice if it were done twice."""
    current_connection().execute(
        "INSERT INTO core_outboxevent (name, payload) VALUES ('step', jsonb_build_object('job', %s, 'step', %s))",
        (job_id, step),
    )


def effects(job_id: int) -> list[int]:
    rows = current_connection().execute(
        "SELECT (payload->>'step')::int FROM core_outboxevent WHERE name = 'step' AND payload->>'job' = %s::text "
        "ORDER BY id",
        (job_id,),
    )
    return [row[0] for row in rows]


@job("test.steps", ended=note_end)
def take_steps(context: JobContext) -> dict[str, int]:
    """`steps` effects, each committed with its position; may pause or kill its own process at a given step."""
    payload = context.payload
    for step in range(context.position + 1, payload["steps"] + 1):
        context.checkpoint()
        with transaction.atomic():
            write_effect(context.job_id, step)
            if step == payload.get("sleep_at") and context.attempt == 1:
                time.sleep(payload["sleep_seconds"])
            context.progress(step, payload["steps"], f"step {step}")
        if step in payload.get("kill_after", ()) and context.position < step:
            os.kill(os.getpid(), signal.SIGKILL)
    return {"steps": payload["steps"]}


@job("test.once")
def take_one_step(context: JobContext) -> None:
    """One effect, slow at the first attempt, fenced or (the negative control) not."""
    with transaction.atomic():
        write_effect(context.job_id, 1)
        if context.attempt == 1:
            time.sleep(2)
        if context.payload["is_fenced"]:
            context.progress(1, 1)


@job("test.poison")
def kill_worker(context: JobContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.raise")
def raise_error(context: JobContext) -> None:
    raise ZeroDivisionError("no")


@job("test.endless")
def run_until_told(context: JobContext) -> None:
    while True:
        context.checkpoint()
        time.sleep(0.02)
