"""The audit trail sees every way of writing, names who and why, hides secrets, and cannot be bent unseen."""

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from kehu.collect.models import Source
from kehu.core.database import copy_rows, current_connection
from kehu.govern import audit
from kehu.govern.audit_chain import chain_audit, chain_head, verify_audit
from kehu.govern.models import ApiToken, AuditEntry, Department
from kehu.govern.services import create_token, create_user
from tests.cast import PASSWORD, SYSTEM, make_actor, make_user


def entries(table: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(table_name=table).order_by("id"))


def make_source(**fields):
    return Source.objects.create(**{"slug": "shop", "name": "Shop", "kind": "file", "write_key": "wk_1", **fields})


def test_a_change_is_kept_with_who_why_and_only_what_changed(db):
    steward = make_actor("steward")
    source = make_source()
    audit.note(actor=steward, reason="moved to the new shop", request_id="request-0001")
    source.name = "New shop"
    source.save()
    change = entries("collect_source")[-1]
    assert (change.action, change.row_id) == ("update", str(source.pk))
    assert (change.before, change.after) == ({"name": "Shop"}, {"name": "New shop"})
    assert (change.actor_id, change.reason, change.request_id) == (
        steward.user_id,
        "moved to the new shop",
        "request-0001",
    )
    assert "steward" in change.actor_label


def test_bulk_statements_sql_by_hand_and_copy_are_seen(db):
    Department.objects.bulk_create([Department(name="A"), Department(name="B")])
    Department.objects.filter(name="A").update(name="A2")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM govern_department WHERE name = 'B'")
    copy_rows(current_connection(), "govern_department", ["name"], [["C"]])
    seen = [(e.action, (e.after or e.before)["name"]) for e in entries("govern_department")][-5:]
    assert seen == [("insert", "A"), ("insert", "B"), ("update", "A2"), ("delete", "B"), ("insert", "C")]


def test_a_change_without_an_actor_names_the_database_role(db):
    Department.objects.create(name="C")
    assert entries("govern_department")[-1].actor_label.startswith("database role ")


def test_secrets_are_told_as_changed_and_never_shown(db):
    user = make_user("administrator")
    user.set_password("another long password")
    user.save()
    create_token(user_id=user.pk, name="erp", scopes=["customer.view"], actor=SYSTEM)
    make_source(write_key="wk_very_secret")
    change = entries("govern_user")[-1]
    assert change.after == {"password": "(hidden)"}
    everything = str(list(AuditEntry.objects.values_list("before", "after")))
    assert "argon2" not in everything
    assert "wk_very_secret" not in everything
    assert bytes(ApiToken.objects.get().secret_hash).hex() not in everything


def test_noise_alone_is_not_worth_an_entry(db):
    user = make_user()
    before = len(entries("govern_user"))
    user.theme = "dark"
    user.save()
    assert len(entries("govern_user")) == before
    user.name = "Li Na"
    user.save()
    assert len(entries("govern_user")) == before + 1


def test_what_is_rolled_back_was_never_there(db):
    with transaction.atomic():
        Department.objects.create(name="D")
        transaction.set_rollback(True)
    assert not AuditEntry.objects.filter(table_name="govern_department", after__name="D").exists()


def test_a_reason_holds_for_its_transaction_only(kehu_db):
    rep = make_actor("administrator")
    with transaction.atomic():
        audit.note(actor=rep, reason="first")
        Department.objects.create(name="E")
    Department.objects.create(name="F")
    named, unnamed = entries("govern_department")[-2:]
    assert (named.reason, named.actor_id) == ("first", rep.user_id)
    assert (unnamed.reason, unnamed.actor_id) == ("", None)


def test_attribution_ends_with_the_request(kehu_db):
    rep = make_actor("administrator")
    with audit.attributed_to(rep, "request-0002"):
        Department.objects.create(name="G")
    Department.objects.create(name="H")
    during, after = entries("govern_department")[-2:]
    assert (during.actor_id, during.request_id) == (rep.user_id, "request-0002")
    assert (after.actor_id, after.request_id) == (None, "")


def test_the_application_may_not_change_or_remove_entries(db):
    Department.objects.create(name="I")
    for statement in (
        "UPDATE govern_auditentry SET reason = 'nothing happened'",
        "DELETE FROM govern_auditentry",
        "TRUNCATE govern_auditentry",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_even_the_owner_of_the_table_is_refused(kehu_db):
    Department.objects.create(name="J")
    with psycopg.connect(kehu_db.dsn("migrate"), autocommit=True) as owner:
        for statement in ("UPDATE govern_auditentry SET reason = 'x'", "DELETE FROM govern_auditentry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(statement)


TAMPERING = {
    "changed": "UPDATE govern_auditentry SET reason = 'nothing' WHERE chain_no = 3",
    "removed": "DELETE FROM govern_auditentry WHERE chain_no = 3",
    "swapped": "UPDATE govern_auditentry AS a SET action = b.action, after = b.after, before = b.before,"
    " row_id = b.row_id FROM govern_auditentry AS b"
    " WHERE (a.chain_no, b.chain_no) IN ((3, 4), (4, 3))",
    "cut off": "DELETE FROM govern_auditentry WHERE chain_no >= 6",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_the_chain_finds_what_was(how, kehu_db):
    for number in range(6):
        Department.objects.create(name=f"K{number}")
    assert chain_audit(at_once=4) == AuditEntry.objects.count()
    head = chain_head()
    assert verify_audit(head).is_sound
    with psycopg.connect(kehu_db.dsn("owner"), autocommit=True) as intruder:
        intruder.execute("ALTER TABLE govern_auditentry DISABLE TRIGGER USER")
        changed = intruder.execute(TAMPERING[how]).rowcount
    assert changed > 0
    assert not verify_audit(head).is_sound


def test_an_entry_that_commits_late_is_chained_after_those_before_it(kehu_db):
    with psycopg.connect(kehu_db.dsn("app")) as slow:
        slow.execute("INSERT INTO govern_department (name) VALUES ('slow')")
        Department.objects.create(name="quick")
        chain_audit()
        slow.commit()
    assert verify_audit().waiting == 1
    assert chain_audit() == 1
    assert verify_audit().is_sound


def test_acts_without_a_row_are_noted(db):
    auditor = make_actor("auditor")
    audit.note(actor=auditor, reason="yearly check", action="export", on="audit", details={"rows": 4})
    act = AuditEntry.objects.latest("id")
    assert (act.action, act.row_id, act.after, act.reason) == ("export", "audit", {"rows": 4}, "yearly check")


def test_creating_people_is_audited_with_the_actor(db):
    administrator = make_actor("administrator")
    new = create_user(email="Chen@Example.com", name="Chen", role="rep", password=PASSWORD, actor=administrator)
    entry = entries("govern_user")[-1]
    assert (entry.row_id, entry.actor_id, entry.after["email"]) == (
        str(new),
        administrator.user_id,
        "chen@example.com",
    )
