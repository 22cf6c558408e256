"""The wizard's draft: left and come back to, read another way, with transforms; and who of a file is known already."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu.clean.row_mapping import parse_step
from kehu.collect.imports import services
from kehu.collect.imports.drafts import with_step, without_step
from kehu.collect.imports.errors import ImportRunning
from kehu.collect.imports.identities import identities_of
from kehu.collect.imports.proposing import Origin
from kehu.collect.imports.queries import import_view
from kehu.collect.imports.roles import roles_of
from kehu.core.errors import InvalidInput
from kehu.govern.access import SYSTEM, Actor
from kehu.govern.errors import PermissionDenied
from kehu.profile.queries.known_rows import known_rows
from tests.imports.cast import MEMBERS, make_file_source, run, upload
from tests.pipeline.cast import Road3, road_of

CONTACTS = "联系人,生日,备注\n张伟/13800138001,05/03/1988,a\n王芳/13900139002,25/12/1990,b\n"
SPLIT = {"do": "split", "column": "联系人", "into": ["姓名", "手机"], "at": "/"}


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def test_a_draft_is_kept_until_the_import_starts(kehu_db: Any, tmp_path: Path) -> None:
    source = make_file_source()
    import_id = upload(tmp_path, "会员号,姓名,手机\nM1,张伟,13800138001\n")
    first = services.propose(import_id, actor=SYSTEM)
    assert first.origin == Origin.GUESS
    mapping = {**first.mapping, "attributes": {"姓名": "nickname", "手机": "phone"}}
    services.keep_draft(import_id, mapping, actor=SYSTEM, is_confirmed=True)
    again = services.propose(import_id, actor=SYSTEM)
    assert (again.origin, import_view(SYSTEM, import_id).state) == (Origin.DRAFT, "mapped")
    roles = {column.column: (column.role, column.why) for column in again.columns}
    assert roles["姓名"] == ("attribute:nickname", "confirmed")
    assert roles["手机"] == ("attribute:phone", "heading and values")
    with pytest.raises(PermissionDenied):
        services.keep_draft(import_id, mapping, actor=Actor(1, "rep"))
    run(import_id, source, mapping)
    with pytest.raises(ImportRunning):
        services.keep_draft(import_id, mapping, actor=SYSTEM)


def test_reading_the_file_another_way_gives_its_columns_and_drops_the_draft(kehu_db: Any, tmp_path: Path) -> None:
    import_id = upload(tmp_path, "姓名#手机\n张伟#13800138001\n王芳#13900139002\n".encode("gb18030"))
    assert services.propose(import_id, actor=SYSTEM).shape.columns == ("姓名#手机",)
    services.read_as(import_id, {"delimiter": "#"}, actor=SYSTEM)
    proposal = services.propose(import_id, actor=SYSTEM)
    assert (proposal.shape.columns, proposal.shape.encoding) == (("姓名", "手机"), "gb18030")
    assert proposal.mapping["file"] == {"delimiter": "#"}
    assert roles_of(proposal.mapping)["手机"] == "attribute:phone"
    assert proposal.first_rows[0] == ("姓名", "手机")


def test_columns_that_a_step_makes_are_guessed_like_those_of_the_file(kehu_db: Any, tmp_path: Path) -> None:
    source = make_file_source()
    import_id = upload(tmp_path, CONTACTS)
    services.add_step(import_id, services.propose(import_id, actor=SYSTEM).mapping, parse_step(SPLIT), actor=SYSTEM)
    birthday = parse_step({"do": "date", "column": "生日", "format": "dmy"})
    services.add_step(import_id, services.propose(import_id, actor=SYSTEM).mapping, birthday, actor=SYSTEM)
    proposal = services.propose(import_id, actor=SYSTEM)
    columns = {column.column: column for column in proposal.columns}
    assert columns["手机"].samples[0] == "13800138001"
    assert columns["生日"].samples == ("1988-03-05", "1990-12-25")
    assert (columns["姓名"].role, columns["手机"].role) == ("attribute:name", "attribute:phone")
    mapping = {**proposal.mapping, "record": {"key": ["手机"]}}
    shown = services.preview(import_id, mapping, actor=SYSTEM)
    assert shown.rows[0].touches[0].attributes["phone"].v == "+8613800138001"
    assert run(import_id, source, mapping).rows_sent == 2


def test_a_step_taken_away_takes_its_columns_along() -> None:
    mapping = {"record": {"key": ["手机"]}, "attributes": {"手机": "phone"}}
    with_both = with_step(mapping, parse_step(SPLIT))
    left = without_step({**with_both, "attributes": {"手机": "phone", "备注": "city"}}, 0)
    assert left["attributes"] == {"备注": "city"}
    assert "steps" not in left
    with pytest.raises(InvalidInput):
        without_step(mapping, 0)


def test_rows_are_compared_with_the_base_before_they_are_imported(road: Road3, tmp_path: Path) -> None:
    source = make_file_source(department=None)
    run(upload(tmp_path, "会员号,姓名,手机\nM1,张伟,13800138001\nM2,王芳,13900139002\n", "old.csv"), source, MEMBERS | {
        "attributes": {"姓名": "name", "手机": "phone"}, "occurred_at": ""
    })  # fmt: skip
    road.settle()
    content = (
        "会员号,姓名,手机\n"
        "M1,张伟,13800138009\n"  # the same record, changed
        "M7,王小芳,139-0013-9002\n"  # another record, a phone we know
        "M8,李娜,13700137000\n"
        "M8,李娜,13700137000\n"
    )
    import_id = services.upload(_file(tmp_path, content), file_name="new.csv", actor=SYSTEM, source_id=source.pk)
    mapping = services.propose(import_id, actor=SYSTEM).mapping
    found = identities_of(import_id, mapping, actor=SYSTEM)
    known = known_rows(SYSTEM, found.rows)
    assert (found.is_whole, known.rows, known.updates, known.known, known.new, known.repeated) == (True, 4, 1, 1, 1, 1)
    assert [(example.row, example.by) for example in known.examples] == [(2, "record"), (3, "phone")]
    stranger = known_rows(Actor(user_id=7, name="partner", is_strict=True, unmasked=frozenset({"*"})), found.rows)
    assert (stranger.updates, stranger.known, stranger.examples) == (0, 0, []), "whom one does not see is not told"
    with pytest.raises(PermissionDenied):
        identities_of(import_id, mapping, actor=Actor(1, "rep"))


def _file(folder: Path, content: str) -> Path:
    path = folder / "new.csv"
    path.write_text(content)
    return path
