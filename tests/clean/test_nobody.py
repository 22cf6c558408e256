"""Ids that mean nobody: one list for the ids of calls and for identifiers."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from kehu.clean.nobody import NOBODY, means_nobody
from kehu.clean.touches import Identifier, RecordRef, Touch
from kehu.resolve.records import RecordState, absorb
from tests.clean.test_segment_calls import read

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", [*sorted(NOBODY), "0", "000-000", "****", " NULL ", "Anonymous", ""])
def test_words_and_zeros_mean_nobody(text: str) -> None:
    assert means_nobody(text)


@pytest.mark.parametrize("text", ["10", "u-1", "nobody-home", "tester", "0x1f", "guest-17", "无名"])
def test_real_ids_mean_somebody(text: str) -> None:
    assert not means_nobody(text)


@pytest.mark.parametrize("text", sorted(NOBODY))
def test_neither_a_call_nor_a_record_is_known_by_such_a_value(text: str) -> None:
    [touch] = read({"type": "track", "event": "Product Viewed", "userId": text, "anonymousId": "a-1"})
    assert touch.record is None
    record = RecordState(
        id=UUID(int=1), source_id=1, external_id="1", kind="person", first_shard=0, first_seq=1,
        first_at=AT, last_at=AT,
    )  # fmt: skip
    absorb(record, Touch(AT, RecordRef("crm", "1"), identifiers=(Identifier("member_id", text),)), None)
    assert not record.bindings
