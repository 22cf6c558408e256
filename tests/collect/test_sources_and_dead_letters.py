"""Sources are installed and dead letters handled through services that ask the guard."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from kehu.collect import inbox, queries, services
from kehu.collect.errors import NotOpen, SourceNameTaken
from kehu.collect.source_cache import SourceCache
from kehu.core.database import current_connection
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern.access import ANONYMOUS, SYSTEM, NotSignedIn
from tests.collect.cast import make_message


def append_and_bury(source_id: int, message_id: str, reason: str = "bad_time") -> int:
    with transaction.atomic():
        [place] = inbox.append(current_connection(), [make_message(source_id, message_id, payload=b"{\xff")])
        assert place.seq is not None
        message = inbox.read_message(current_connection(), place.shard, place.seq)
        assert message is not None
        inbox.bury(current_connection(), message, reason, "detail")
    return next(letter.id for letter in queries.dead_letters(SYSTEM, reason=reason))


def test_a_source_gets_a_key_a_slug_and_the_trust_of_its_kind(db: None) -> None:
    web, server = (services.create_source(kind=kind, name="Our shop") for kind in ("web", "server"))
    assert (web.slug, server.slug) == ("our-shop", "our-shop-2")
    assert (web.is_trusted, server.is_trusted) == (False, True)
    assert web.write_key != server.write_key
    assert len(web.write_key) == 35
    assert services.create_source(kind="till", name="门店收银").slug == "till"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"kind": "telepathy", "name": "x"}, InvalidInput),
        ({"kind": "web", "name": " "}, InvalidInput),
        ({"kind": "web", "name": "x", "time_zone": "Mars/Base"}, InvalidInput),
        ({"kind": "web", "name": "x", "write_key": "mine"}, InvalidInput),
        ({"kind": "web", "name": "x", "actor": ANONYMOUS}, NotSignedIn),
    ],
    ids=["kind", "name", "time zone", "field", "nobody"],
)
def test_a_source_is_refused(db: None, fields: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        services.create_source(**fields)


def test_a_slug_is_given_once(db: None) -> None:
    services.create_source(kind="web", name="x", slug="web")
    with pytest.raises(SourceNameTaken):
        services.create_source(kind="web", name="y", slug="web")


def test_the_cache_sees_a_new_source_at_once_and_a_change_after_its_time(db: None) -> None:
    now = [0.0]
    cache = SourceCache(ttl_seconds=5, clock=lambda: now[0])
    source = services.create_source(kind="web", name="x", unique_types=["openid"])
    view = cache.by_id(current_connection(), source.pk)
    assert (view.slug, view.unique_types, view.is_trusted) == ("x", ("openid",), False)
    services.change_source(source.pk, actor=SYSTEM, is_enabled=False)
    assert cache.by_id(current_connection(), source.pk).is_enabled
    now[0] = 6
    assert not cache.by_id(current_connection(), source.pk).is_enabled
    with pytest.raises(LookupError):
        cache.by_id(current_connection(), -1)


def test_a_new_write_key_replaces_the_old_one(db: None) -> None:
    source = services.create_source(kind="web", name="x")
    cache = SourceCache()
    services.renew_write_key(source.pk, actor=SYSTEM)
    cache.refresh(current_connection())
    assert cache.known(source.write_key) is None
    source.refresh_from_db()
    assert cache.known(source.write_key) is not None


def test_lag_counts_what_is_not_worked_yet(db: None) -> None:
    source = services.create_source(kind="web", name="x")
    assert queries.lag_by_source() == {}
    with transaction.atomic():
        inbox.append(current_connection(), [make_message(source.pk, f"m-{n}") for n in range(30)])
    lag = queries.lag_by_source()[source.pk]
    assert (lag.waiting, lag.is_exact, lag.is_late) == (30, True, False)
    assert timedelta(0) <= lag.lag_for < timedelta(minutes=1)
    current_connection().execute("UPDATE collect_shardoffset SET seq = 1000000")
    assert queries.lag_by_source() == {}


def test_a_dead_letter_is_shown_edited_and_replayed(db: None) -> None:
    source = services.create_source(kind="web", name="x")
    letter_id = append_and_bury(source.pk, "m-1")
    letter = queries.dead_letter(SYSTEM, letter_id)
    assert (letter.payload, letter.message_id, letter.state) == ("{\\xff", "m-1", "open")
    place = services.edit_and_replay_dead_letter(letter_id, payload=b"{}", actor=SYSTEM, reason="mended")
    assert queries.dead_letter(SYSTEM, letter_id).superseded_by == place.seq
    with pytest.raises(NotOpen):
        services.edit_and_replay_dead_letter(letter_id, payload=b"{}", actor=SYSTEM)


def test_dead_letters_of_one_reason_are_counted_and_replayed_together(db: None) -> None:
    source = services.create_source(kind="web", name="x")
    for n in range(5):
        append_and_bury(source.pk, f"m-{n}")
    append_and_bury(source.pk, "other", reason="bad_utf8")
    assert [(count.reason, count.count) for count in queries.dead_letter_reasons(SYSTEM)] == [
        ("bad_time", 5),
        ("bad_utf8", 1),
    ]
    assert services.replay_dead_letters(reason_code="bad_time", actor=SYSTEM, at_a_time=2) == 5
    assert [count.reason for count in queries.dead_letter_reasons(SYSTEM)] == ["bad_utf8"]


def test_a_discarded_dead_letter_is_not_replayed(db: None) -> None:
    source = services.create_source(kind="web", name="x")
    letter_id = append_and_bury(source.pk, "m-1")
    services.discard_dead_letter(letter_id, actor=SYSTEM, reason="a test")
    assert services.replay_dead_letters(reason_code="bad_time", actor=SYSTEM) == 0
    with pytest.raises(NotOpen):
        services.discard_dead_letter(letter_id, actor=SYSTEM, reason="again")
    with pytest.raises(NotFound):
        services.discard_dead_letter(0, actor=SYSTEM, reason="none")


def test_nobody_handles_dead_letters_without_the_permission(db: None) -> None:
    for refused in (
        lambda: queries.dead_letters(ANONYMOUS),
        lambda: queries.dead_letter(ANONYMOUS, 1),
        lambda: services.discard_dead_letter(1, actor=ANONYMOUS, reason=""),
        lambda: services.edit_and_replay_dead_letter(1, payload=None, actor=ANONYMOUS),
        lambda: services.replay_dead_letters(reason_code="x", actor=ANONYMOUS),
    ):
        with pytest.raises(NotSignedIn):
            refused()
