"""Saved lists, acts on many customers with their undoing, and files: each beside what is refused."""

import csv
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from kehu.collect.imports.problem_files import neutralise as neutralise_for_import
from kehu.core import jobs
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern.access import SYSTEM, PermissionDenied, actor_for_user
from kehu.govern.models import AuditEntry
from kehu.profile.filters.tree import Condition, Group
from kehu.profile.list_files import neutralise
from kehu.profile.models import Assignment, BulkAct, Customer, Export
from kehu.profile.queries.lists import ListAsked
from kehu.profile.queries.lookup import founding_record
from kehu.profile.queries.saved_views import view_for, views_for
from kehu.profile.services import bulk, export, views
from kehu.profile.services.views import ViewDraft
from tests.cast import make_customer, make_department, make_user

SHANGHAI = Group(conditions=(Condition("city", "is", ("上海",)),))


@pytest.fixture
def east(db):
    return make_department("East")


def owners() -> dict[str, int | None]:
    return dict(Customer.objects.values_list("display_name", "owner_id"))


# -- views ----------------------------------------------------------------------------------------------------------


def test_a_list_is_seen_by_those_it_is_shared_with(east):
    manager, rep = make_user("manager", east), make_user("rep", east)
    stranger, partner = make_user("rep", make_department("West")), make_user("partner", east)
    for audience in ("private", "department", "company"):
        views.save_view(ViewDraft(audience, SHANGHAI, audience=audience), actor=actor_for_user(manager))

    def seen(user):
        return {view.name for view in views_for(actor_for_user(user))}

    assert seen(manager) == {"private", "department", "company"}
    assert seen(rep) == {"department", "company"}
    assert seen(stranger) == {"company"}
    assert seen(partner) == set()


def test_a_shared_list_does_not_show_values_its_reader_could_not_ask_for(east):
    manager = actor_for_user(make_user("manager", east))
    born = Group(conditions=(Condition("birth_date", "before", ("1990-01-01",)),))
    views.save_view(ViewDraft("born early", born, audience="company"), actor=manager)
    assert views_for(actor_for_user(make_user("rep", east))) == []


def test_only_its_owner_changes_a_list_and_only_the_version_they_saw(east):
    owner, other = actor_for_user(make_user("manager", east)), actor_for_user(make_user("manager", east))
    view = views.save_view(ViewDraft("mine", audience="company"), actor=owner)
    views.change_view(view, ViewDraft("ours", SHANGHAI, audience="company"), version=1, actor=owner)
    assert view_for(other, view).filter == SHANGHAI
    with pytest.raises(VersionConflict):
        views.change_view(view, ViewDraft("late"), version=1, actor=owner)
    for act in (lambda: views.delete_view(view, actor=other), lambda: view_for(other, 10**9)):
        with pytest.raises(NotFound):
            act()
    views.delete_view(view, actor=owner)
    assert views_for(owner) == []


@pytest.mark.parametrize(
    "draft",
    [
        ViewDraft(" "),
        ViewDraft("x" * 81),
        ViewDraft("x", audience="world"),
        ViewDraft("x", sort="password"),
        ViewDraft("x", columns=("password",)),
        ViewDraft("x", Group(conditions=(Condition("password", "is", ("x",)),))),
    ],
)
def test_a_list_that_makes_no_sense_is_not_kept(east, draft):
    with pytest.raises(InvalidInput):
        views.save_view(draft, actor=actor_for_user(make_user("manager", east)))


# -- bulk acts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(east) -> list[UUID]:
    return [make_customer(f"客户{number}", city="上海" if number % 2 else "北京") for number in range(6)]


def start(parameters, selection, actor, **more) -> int:
    return bulk.start_bulk("owner.assign", parameters, selection, actor=actor, reason="new areas", **more)


def run(bulk_id: int) -> None:
    jobs.run_job_here(BulkAct.objects.get(pk=bulk_id).job_id)


def test_an_act_on_a_list_is_previewed_done_and_undone(crowd, east):
    manager, rep = actor_for_user(make_user("manager", east)), make_user("rep", east)
    Assignment.objects.create(record_id=founding_record(crowd[1]), owner_id=manager.user_id)
    Customer.objects.filter(pk=crowd[1]).update(owner_id=manager.user_id)
    before = owners()
    chosen = bulk.Selection(ListAsked(filter=SHANGHAI))
    shown = bulk.preview_bulk("owner.assign", {"owners": [rep.pk]}, chosen, actor=manager)
    assert shown.total == 3
    assert {line.name for line in shown.sample} == {"客户1", "客户3", "客户5"}
    assert owners() == before

    act = start({"owners": [rep.pk]}, chosen, manager)
    run(act)
    after = owners()
    assert {name for name, owner in after.items() if owner == rep.pk} == {"客户1", "客户3", "客户5"}
    assert AuditEntry.objects.filter(table_name="profile_assignment", reason="new areas").count() == 3

    # Somebody takes one of them over meanwhile: that stays.
    Assignment.objects.filter(record_id=founding_record(crowd[3])).update(owner_id=manager.user_id)
    jobs.run_job_here(bulk.undo_bulk(act, actor=manager, reason="wrong list"))
    assert set(Assignment.objects.values_list("record_id", "owner_id")) == {
        (founding_record(crowd[1]), manager.user_id),
        (founding_record(crowd[3]), manager.user_id),
    }
    assert bulk.bulk_of(manager, act).rows.filter(state="changed").count() == 1


def test_customers_are_shared_out_evenly_among_a_department(crowd, east):
    manager = actor_for_user(make_user("manager", east))
    reps = [make_user("rep", east).pk for _ in range(2)]
    run(start({"department": east.pk}, bulk.Selection(ids=tuple(crowd)), manager))
    counts = [list(owners().values()).count(one) for one in (manager.user_id, *reps)]
    assert counts == [2, 2, 2]


def test_nobody_touches_what_they_do_not_see(crowd, east):
    hidden = make_customer("赵敏", department_id=make_department("West").pk)
    rep = make_user("rep", east)
    run(start({"owners": [rep.pk]}, bulk.Selection(ids=(hidden, crowd[0])), actor_for_user(rep)))
    assert owners()["赵敏"] is None
    assert owners()["客户0"] == rep.pk


def test_rights_taken_away_after_the_start_count(crowd, east):
    rep = make_user("rep", east)
    act = start({"owners": [rep.pk]}, bulk.Selection(ids=tuple(crowd)), actor_for_user(rep))
    type(rep).objects.filter(pk=rep.pk).update(is_active=False)
    run(act)
    assert set(owners().values()) == {None}
    assert jobs.view(BulkAct.objects.get(pk=act).job_id).state == "failed"


@pytest.mark.parametrize(
    "parameters",
    [{"owners": [10**9]}, {"owners": "all"}, {"owners": [True]}, {"department": "x"}, {"department": 10**9}, {"x": 1}],
)
def test_an_act_with_odd_parameters_is_refused(crowd, east, parameters):
    manager = actor_for_user(make_user("manager", east))
    with pytest.raises(InvalidInput):
        start(parameters, bulk.Selection(ids=tuple(crowd)), manager)
    assert not BulkAct.objects.exists()


def test_acts_need_rights_a_selection_and_their_maker(crowd, east, monkeypatch):
    manager = actor_for_user(make_user("manager", east))
    with pytest.raises(PermissionDenied):
        start({"owners": []}, bulk.Selection(), actor_for_user(make_user("auditor", east)))
    with pytest.raises(InvalidInput):
        start({"owners": []}, bulk.Selection(ids=()), manager)
    act = start({"owners": []}, bulk.Selection(ids=tuple(crowd)), manager)
    with pytest.raises(NotFound):
        bulk.undo_bulk(act, actor=actor_for_user(make_user("rep", east)))
    monkeypatch.setattr(bulk, "MOST", 3)
    with pytest.raises(InvalidInput, match="3"):
        start({"owners": []}, bulk.Selection(ids=tuple(crowd)), manager)


# -- exports --------------------------------------------------------------------------------------------------------


def made(actor, **asked) -> Export:
    chosen = {"format": "csv", "columns": ("attribute.phone", "attribute.company", "records"), **asked}
    export_id = export.start_export(chosen.pop("list", ListAsked()), actor=actor, reason="mailing", **chosen)
    jobs.run_job_here(Export.objects.get(pk=export_id).job_id)
    return Export.objects.get(pk=export_id)


def rows_of(actor, found: Export) -> list[list[str]]:
    text = export.fetch_export(found.pk, actor=actor).path.read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_file_holds_the_list_as_its_maker_may_see_it(east):
    make_customer("张伟", phone="+8613800138000", company="=1+1", city="上海")
    make_customer("李娜", city="北京")
    make_customer("赵敏", city="上海", department_id=make_department("West").pk)
    whole, marketer = actor_for_user(make_user("manager", east)), actor_for_user(make_user("marketer", east))
    asked = {"list": ListAsked(filter=SHANGHAI), "language": "en"}
    mine = made(whole, **asked)
    assert rows_of(whole, mine) == [
        ["Customer", "Phone", "Company", "Records"],
        ["张伟", "'+8613800138000", "'=1+1", "1"],
    ]
    masked = rows_of(marketer, made(marketer, **asked))
    assert {row[1] for row in masked[1:]} == {"138****8000", ""}
    told = AuditEntry.objects.get(action="export.downloaded", row_id=str(mine.pk))
    assert (told.actor_id, told.after) == (whole.user_id, {"rows": 1})
    assert AuditEntry.objects.filter(table_name="profile_export", reason="mailing").exists()


def test_a_spreadsheet_holds_texts_and_no_formulas(db):
    make_customer("=cmd|' /C calc'!A0", company="http://example.com")
    user = actor_for_user(make_user("steward"))
    found = made(user, format="xlsx")
    with zipfile.ZipFile(export.fetch_export(found.pk, actor=user).path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert not any("hyperlink" in name for name in book.namelist())


def test_a_file_is_its_makers_and_only_for_a_day(db):
    make_customer("张伟")
    maker, other = actor_for_user(make_user("steward")), actor_for_user(make_user("steward"))
    found, twin = made(maker), made(other)
    assert found.file_key == twin.file_key
    with pytest.raises(NotFound):
        export.fetch_export(found.pk, actor=other)
    Export.objects.filter(pk=found.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(export.ExportGone):
        export.fetch_export(found.pk, actor=maker)
    assert export.delete_expired() == 1
    assert rows_of(other, twin)[1][0] == "张伟"
    Export.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    path = export.export_store().path(twin.file_key)
    export.delete_expired()
    assert not path.exists()
    assert not export.files_left()


def test_a_file_needs_the_right_to_export_and_columns_there_are(db):
    with pytest.raises(PermissionDenied):
        made(actor_for_user(make_user("agent")))
    for odd in ({"format": "pdf"}, {"columns": ("password",)}, {"list": ListAsked(sort="password")}):
        with pytest.raises(InvalidInput):
            made(actor_for_user(make_user("steward")), **odd)
    with pytest.raises(InvalidInput):
        made(SYSTEM)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋"])
def test_no_cell_begins_as_a_formula(sign):
    assert neutralise(f"{sign}1") == f"'{sign}1"
    assert neutralise("张伟") == neutralise_for_import("张伟") == "张伟"
