"""The ground under the other tests: what a database fixture promises."""

import socket

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from tests.plugins.database import ONE_SERVER
from tests.plugins.loopback_only import NetworkIsOff
from tests.plugins.test_server import TestDatabase


@pytest.mark.parametrize("round_number", [1, 2])
def test_what_a_test_writes_through_db_is_gone_for_the_next(db: None, round_number: int) -> None:
    assert not ContentType.objects.filter(app_label="leftover").exists()
    ContentType.objects.create(app_label="leftover", model=f"m{round_number}")


def test_django_connects_as_the_application_which_may_not_make_tables(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("kehu_app", False, False)
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("CREATE TABLE public.sneaky (i int)")


@pytest.mark.parametrize("round_number", [1, 2])
def test_commits_in_a_database_of_its_own_are_seen_by_other_connections_and_no_other_test(
    kehu_db: TestDatabase, round_number: int
) -> None:
    assert not ContentType.objects.filter(app_label="leftover").exists()
    ContentType.objects.create(app_label="leftover", model="m")
    with psycopg.connect(kehu_db.dsn("owner")) as other:
        assert other.execute("SELECT count(*) FROM django_content_type WHERE app_label = 'leftover'").fetchone() == (1,)


def test_another_machine_cannot_be_reached() -> None:
    with socket.socket() as outgoing, pytest.raises(NetworkIsOff):
        outgoing.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkIsOff):
        socket.getaddrinfo("kehu.example", 443)


def test_what_runs_on_one_server_only_is_still_there_by_that_name(pytestconfig: pytest.Config) -> None:
    assert {name for name in ONE_SERVER if not (pytestconfig.rootpath / name).is_file()} == set()
