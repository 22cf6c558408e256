"""How many records each source has, told without reading the table that is the largest of all."""

from typing import Any

import psycopg
import pytest

from kehu.collect.services import create_source
from kehu.govern.access import SYSTEM
from kehu.profile.queries.lists import Count
from kehu.web import live
from kehu.web.pages import sources

_RECORDS = """
INSERT INTO live.resolve_sourcerecord
    (id, source_id, external_id, kind, attributes, match_keys, first_shard, first_seq, first_at, last_at)
SELECT gen_random_uuid(), %s, n::text, 'person', '{}', '{}', 0, n, now(), now() FROM generate_series(1, %s) AS n
"""


def test_large_sources_are_told_by_statistics_small_ones_exactly(kehu_db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "COUNTED_AT_MOST", 200)
    large, small = (create_source(kind="crm", name=name, actor=SYSTEM).pk for name in ("Large", "Small"))
    live.forget()
    with psycopg.connect(kehu_db.dsn("owner"), autocommit=True) as owner:
        owner.execute(_RECORDS, (large, 3000))
        owner.execute(_RECORDS, (small, 3))
        assert sources.records_by_source() == {large: Count(200, False, True), small: Count(3)}
        owner.execute("ANALYZE live.resolve_sourcerecord")
    counted = sources.records_by_source()
    assert counted[small] == Count(3)
    assert (counted[large].is_exact, round(counted[large].number, -2)) == (False, 3000)
