"""What is kept for a while goes when its time is over: previewed, at night, reported; never before a law allows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kehu.collect.models import DeadLetter
from kehu.collect.services import create_source
from kehu.core.background import chores
from kehu.core.errors import InvalidInput, VersionConflict
from kehu.core.registries import retention_kinds
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.govern.privacy import retention
from kehu.govern.privacy.models import Request, RetentionRun
from tests.cast import make_actor


@pytest.fixture
def letters(db) -> None:
    source = create_source(kind="shop", name="Shop", actor=SYSTEM)
    for n, (age, state) in enumerate([(400, "discarded"), (400, "open"), (10, "replayed")]):
        letter = DeadLetter.objects.create(
            source=source, shard=0, seq=n, reason="x", state=state, received_at=timezone.now()
        )
        DeadLetter.objects.filter(pk=letter.pk).update(created_at=timezone.now() - timedelta(days=age))


def test_the_preview_says_what_tonight_would_remove_and_removes_nothing(letters):
    assert retention.preview("dead_letters", 180, actor=SYSTEM) == 1
    assert retention.preview("dead_letters", 5, actor=SYSTEM) == 2
    assert DeadLetter.objects.count() == 3


def test_the_night_removes_what_is_past_its_time_and_reports_it(letters):
    assert retention.run_nightly() == 1
    assert sorted(DeadLetter.objects.values_list("state", flat=True)) == ["open", "replayed"]
    run = RetentionRun.objects.get(kind="dead_letters")
    assert (run.purged, run.left, run.error) == (1, 0, "")
    assert retention.run_nightly() == 0


def test_a_policy_that_is_off_removes_nothing(letters):
    retention.set_policy("dead_letters", days=5, is_enabled=False, actor=SYSTEM)
    retention.run_nightly()
    assert DeadLetter.objects.count() == 3


def test_one_kind_that_fails_keeps_none_of_the_others(letters, monkeypatch):
    [files] = [kind for kind in retention_kinds() if kind.name == "import_files"]

    def fail(before):
        raise RuntimeError("disk away")

    broken = type(files)("import_files", files.label, files.count, fail, 30)
    monkeypatch.setattr(
        retention, "retention_kinds", lambda: tuple(broken if k is files else k for k in retention_kinds())
    )
    assert retention.run_nightly() == 1
    assert RetentionRun.objects.get(kind="import_files").error == "RuntimeError"


def test_proof_is_kept_as_long_as_the_law_wants_it(db):
    with pytest.raises(InvalidInput):
        retention.set_policy("requests", days=30, is_enabled=True, actor=SYSTEM)
    assert retention.set_policy("requests", days=1095, is_enabled=True, actor=SYSTEM) == 1
    assert retention.set_policy("requests", days=1100, is_enabled=True, actor=SYSTEM, version=1) == 2
    with pytest.raises(VersionConflict):
        retention.set_policy("requests", days=1200, is_enabled=True, actor=SYSTEM, version=1)


def test_after_three_years_a_closed_request_no_longer_says_who_asked(db):
    old = timezone.now() - timedelta(days=1200)
    asked = Request.objects.create(
        kind="access", state="done", requester_name="张伟", requester_contact="x@example.com", due_at=old, closed_at=old
    )
    retention.run_nightly()
    asked.refresh_from_db()
    assert (asked.requester_name, asked.requester_contact, asked.state) == ("", "", "done")


def test_the_nightly_run_is_a_chore_of_the_worker_and_setting_it_is_the_officers(db):
    assert "retention" in chores()
    with pytest.raises(PermissionDenied):
        retention.set_policy("dead_letters", days=5, is_enabled=True, actor=make_actor("auditor"))
    assert retention.policies(make_actor("auditor"))
