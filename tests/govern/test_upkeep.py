"""The small job that keeps the guard-rails in order."""

import pytest
from django.db import connection

from kehu.core.jobs import run_job_here
from kehu.core.models import IdempotencyKey, Job
from kehu.govern import rate_limits
from kehu.govern.audit_chain import verify_audit
from kehu.govern.errors import RateLimited
from kehu.govern.models import Department, RateCount
from kehu.govern.tasks import UPKEEP, ensure_upkeep


def test_it_chains_forgets_and_queues_the_next(kehu_db):
    Department.objects.create(name="East")
    IdempotencyKey.objects.create(holder="user 1", key="old", request_hash=b"", status=200, body=b"")
    IdempotencyKey.objects.create(holder="user 1", key="new", request_hash=b"", status=200, body=b"")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_idempotencykey SET created_at = now() - interval '8 days' WHERE key = 'old'")
    RateCount.objects.create(key="reveal/user 1", period=1, count=30)
    rate_limits.count(rate_limits.REVEAL, "user 2")
    ensure_upkeep()
    ensure_upkeep()
    run_job_here(Job.objects.get(kind=UPKEEP).pk)
    done, waiting = Job.objects.filter(kind=UPKEEP).order_by("id")
    assert (done.state, waiting.state) == ("done", "queued")
    assert waiting.run_at > done.finished_at
    verdict = verify_audit()
    assert (verdict.is_sound, verdict.waiting) == (True, 0)
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
    assert list(RateCount.objects.values_list("key", flat=True)) == ["reveal/user 2"]


def test_a_limit_is_per_person_and_window(db):
    limit = rate_limits.Limit("look", 2, 3600)
    assert [rate_limits.count(limit, "user 1").remaining for _ in range(2)] == [1, 0]
    assert rate_limits.count(limit, "user 2").remaining == 1
    with pytest.raises(RateLimited) as refused:
        rate_limits.count(limit, "user 1")
    assert 0 < refused.value.retry_after_seconds <= 3601
