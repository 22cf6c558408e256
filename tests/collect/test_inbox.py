"""What the inbox promises: nothing lost, nothing twice, order of sequence = order of commit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from kehu.collect import inbox
from tests.collect.cast import connected, make_message, make_source


@pytest.fixture
def database(kehu_db: Any) -> Any:
    with connected(kehu_db.dsn("app")) as connection:
        connection.source_id = None  # type: ignore[attr-defined]
        yield connection


def append(connection: psycopg.Connection[Any], *messages: inbox.NewMessage) -> list[inbox.Appended]:
    with connection.transaction():
        return inbox.append(connection, messages)


def stored(connection: psycopg.Connection[Any]) -> list[inbox.Message]:
    return [message for shard in range(inbox.SHARDS) for message in inbox.read_window(connection, shard, 0, 10_000)]


def test_a_message_is_read_back_as_it_was_given(database: Any) -> None:
    source = make_source(database)
    sent_at = datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC)
    given = make_message(
        source,
        "m-1",
        payload='{"名":"张伟"}'.encode(),
        sent_at=sent_at,
        client_ip="2001:db8::1",
        import_id=7,
        is_inline=True,
    )
    [appended] = append(database, given)
    [message] = inbox.read_window(database, appended.shard, 0, 10)
    assert appended.seq == message.seq
    assert message.received_at == appended.received_at
    assert abs(message.received_at - datetime.now(UTC)) < timedelta(minutes=1)
    for field in (
        "source_id",
        "kind",
        "message_id",
        "payload",
        "sent_at",
        "client_ip",
        "import_id",
        "is_inline",
    ):
        assert getattr(message, field) == getattr(given, field), field


def test_append_refuses_to_run_without_a_transaction(database: Any) -> None:
    with pytest.raises(inbox.NotInTransaction):
        inbox.append(database, [make_message(make_source(database), "m-1")])


def test_sequence_numbers_grow_within_a_shard(database: Any) -> None:
    source = make_source(database)
    for start in range(0, 200, 50):
        append(database, *(make_message(source, f"m-{n}", shard_key=f"k-{n}") for n in range(start, start + 50)))
    for shard in range(inbox.SHARDS):
        window = inbox.read_window(database, shard, 0, 1000)
        assert len(window) > 10
        assert [message.seq for message in window] == sorted({message.seq for message in window})
        assert window[3:5] == inbox.read_window(database, shard, window[2].seq, 2)


def test_a_repeated_id_is_dropped_within_a_call_and_in_later_calls(database: Any) -> None:
    source = make_source(database)
    first = append(database, make_message(source, "a"), make_message(source, "b"), make_message(source, "a"))
    assert [place.seq is None for place in first] == [False, False, True]
    again = append(database, make_message(source, "b"), make_message(source, "c"), make_message(source, "a"))
    assert [place.seq is None for place in again] == [True, False, True]
    assert sorted(message.message_id for message in stored(database)) == ["a", "b", "c"]


def test_an_id_is_dropped_whoever_it_is_said_to_belong_to(database: Any) -> None:
    source = make_source(database)
    append(database, make_message(source, "a", shard_key="user-1"))
    [again] = append(database, make_message(source, "a", shard_key="user-2"))
    assert again.seq is None


def test_the_same_id_of_another_source_is_kept(database: Any) -> None:
    web, shop = make_source(database, "web"), make_source(database, "shop")
    places = append(database, make_message(web, "a"), make_message(shop, "a"))
    assert all(place.seq for place in places)


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(hours=25), timedelta(days=29)], ids=str)
def test_a_late_re_send_is_dropped_though_the_inbox_has_moved_on(kehu_db: Any, later: timedelta) -> None:
    with connected(kehu_db.dsn("migrate")) as owner:
        source = make_source(owner)
        append(owner, make_message(source, "a"))
        owner.execute("UPDATE collect_dedupe SET first_seen = first_seen - %s", (later,))
        owner.execute("TRUNCATE collect_inbox")  # as if the month's partition had been dropped
        [again] = append(owner, make_message(source, "a"))
        assert again.seq is None


def test_a_rolled_back_append_leaves_no_trace_and_the_id_free(database: Any) -> None:
    source = make_source(database)
    with database.transaction(force_rollback=True):
        inbox.append(database, [make_message(source, "a")])
    [again] = append(database, make_message(source, "a"))
    assert again.seq is not None
    assert len(stored(database)) == 1


def test_messages_of_one_customer_share_a_shard_and_customers_spread(database: Any) -> None:
    assert inbox.shard_of(1, "user:7") == inbox.shard_of(1, "user:7")
    assert {inbox.shard_of(1, f"user:{n}") for n in range(100)} == set(range(inbox.SHARDS))


def test_a_dead_letter_is_edited_and_replayed_once_in_its_shard(database: Any) -> None:
    source = make_source(database)
    first_came = datetime(2026, 1, 5, tzinfo=UTC)
    [place] = append(database, make_message(source, "a", payload=b"{bad", received_at=first_came))
    [message] = inbox.read_window(database, place.shard, 0, 10)
    for _ in range(2):
        with database.transaction():
            inbox.bury(database, message, "not_json", "Expecting a value")
    with database.transaction():
        replayed = inbox.edit_and_replay(database, place.shard, message.seq, b'{"type":"track"}')
    with database.transaction():
        assert inbox.edit_and_replay(database, place.shard, message.seq, b"{}") is None
    assert replayed is not None
    assert replayed.shard == place.shard
    [original, edited] = inbox.read_window(database, place.shard, 0, 10)
    assert (edited.payload, edited.supersedes, edited.received_at) == (
        b'{"type":"track"}',
        original.seq,
        first_came,
    )
    assert inbox.read_window(database, place.shard, 0, 10, without_superseded=True) == [edited]


def test_all_dead_letters_of_one_reason_are_replayed(database: Any) -> None:
    source = make_source(database)
    append(database, *(make_message(source, f"m-{n}") for n in range(10)))
    with database.transaction():
        for number, message in enumerate(stored(database)):
            inbox.bury(database, message, "rule" if number < 7 else "other", "")
    with database.transaction():
        assert inbox.replay_reason(database, "rule", limit=5) == 5
        assert inbox.replay_reason(database, "rule") == 2
        assert inbox.replay_reason(database, "rule") == 0
    assert len(stored(database)) == 17
    states = database.execute("SELECT state, count(*) FROM collect_deadletter GROUP BY 1").fetchall()
    assert dict(states) == {"open": 3, "replayed": 7}


def test_the_coming_months_have_their_partitions(kehu_db: Any) -> None:
    with connected(kehu_db.dsn("app")) as app:
        assert inbox.make_room(app, 2) == 0
        assert inbox.make_room(app, 4) == 2
        assert inbox.make_room(app, 4) == 0


def test_only_the_redacting_role_can_change_what_lies_in_the_inbox(kehu_db: Any) -> None:
    with connected(kehu_db.dsn("app")) as app:
        source = make_source(app)
        [place] = append(app, make_message(source, "a", client_ip="192.0.2.1"))
        assert place.seq is not None
        for statement in ("UPDATE collect_inbox SET payload = ''", "DELETE FROM collect_inbox"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
    with connected(kehu_db.dsn("migrate")) as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute("UPDATE collect_inbox SET payload = 'changed'")
    with connected(kehu_db.dsn("redact")) as redactor:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            redactor.execute("UPDATE collect_inbox SET message_id = 'b'")
        assert inbox.redact(redactor, [(place.shard, place.seq)]) == 1
        [message] = inbox.read_window(redactor, place.shard, 0, 10)
    assert (message.payload, message.client_ip, message.message_id) == (b"", None, "a")
