"""Every table with a person's data is known to the registry that access, export and erasure walk."""

import pytest
from django.db import connection

from kehu.core.registries import SubjectKey, SubjectTable, register_subjects, subject_tables

POINTS_AT_A_PERSON = {
    "record_id",
    "customer_id",
    "device_record_id",
    "organisation_record_id",
    "left_customer_id",
    "right_customer_id",
    "left_ids",
    "right_ids",
    "survivor_id",
    "absorbed_id",
    "order_id",
    "message_id",
}


def columns_of_tables() -> dict[str, set[str]]:
    """Tables of the application with their columns, partitions of the inbox apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
            " WHERE c.relnamespace IN ('public'::regnamespace, 'live'::regnamespace)"
            " AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped"
        )
        columns: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            columns.setdefault(table, set()).add(column)
    return columns


def test_every_table_that_points_at_a_person_is_registered(db):
    known = {subject.table for subject in subject_tables()}
    forgotten = {table for table, columns in columns_of_tables().items() if columns & POINTS_AT_A_PERSON} - known
    assert forgotten == set()


def test_every_registered_table_and_column_exists(db):
    columns = columns_of_tables()
    for subject in subject_tables():
        assert set(subject.columns) <= columns.get(subject.table, set()), subject


def test_a_table_cannot_be_registered_in_two_ways():
    with pytest.raises(ValueError, match="two ways"):
        register_subjects(SubjectTable("profile_event", SubjectKey.STAFF, ("id",)))
