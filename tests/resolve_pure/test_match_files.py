"""`kehu match` on files as people have them."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import typer
import xlsxwriter
from typer.testing import CliRunner

from kehu.cli.match import match
from kehu.resolve.match_files import UnreadableFile, read_table

app = typer.Typer()
app.command()(match)

PEOPLE = [
    ("a1", "欧阳修远", "13800138000"),
    ("a2", "司马青云", "13900139001"),
]


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def in_every_format(folder: Path) -> list[Path]:
    csv, jsonl, parquet, xlsx = (folder / f"people.{end}" for end in ("csv", "jsonl", "parquet", "xlsx"))
    lines = ["编号,姓名,手机号", *(",".join(person) for person in PEOPLE)]
    csv.write_bytes("\n".join(lines).encode("gb18030"))
    objects = [{"id": i, "name": name, "mobile": f"+86 {phone}"} for i, name, phone in PEOPLE]
    jsonl.write_text("\n".join(json.dumps(o, ensure_ascii=False) for o in objects), encoding="utf-8")
    pl.DataFrame(objects).write_parquet(parquet)
    with xlsxwriter.Workbook(str(xlsx)) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate([("id", "姓名", "电话"), *PEOPLE]):
            sheet.write_row(r, 0, [*row[:2], int(row[2])] if r else row)
    return [csv, jsonl, parquet, xlsx]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_of_four_kinds_are_linked(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    code, told, _ = run(*in_every_format(tmp_path), "--out", out, "--json")
    assert code == 0
    figures = json.loads(told)
    assert (figures["rows"], figures["clusters"]) == (8, 2)
    assert figures["seconds"] > 0
    assert figures["peak_memory_mb"] > 10
    rows = pl.read_csv(out) if ending == "csv" else pl.read_parquet(out)
    assert rows.columns == ["file", "id", "cluster_id", "match_probability"]
    assert rows["id"].to_list() == ["a1", "a2"] * 4
    assert rows["cluster_id"].to_list() == [0, 1] * 4
    assert rows["match_probability"].min() > 0.7


def test_a_row_without_an_id_is_known_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("name,phone\nLin Chen,13800138000\n", encoding="utf-8")
    assert run(tmp_path / "in.csv", "--out", tmp_path / "out.csv")[0] == 0
    assert pl.read_csv(tmp_path / "out.csv").row(0)[1:] == (1, 0, 0.0)


def test_a_mapping_tells_what_a_column_holds(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("no,who,x\n7,Lin Chen,13800138000\n8,Lin Chen,13800138000\n", encoding="utf-8")
    arguments = (source, "--out", tmp_path / "out.csv", "--id", "no", "--map", "who=name", "--map", "x=phone", "--json")
    assert json.loads(run(*arguments)[1])["clusters"] == 1
    assert pl.read_csv(tmp_path / "out.csv")["id"].to_list() == [7, 8]


@pytest.mark.parametrize(
    ("extra", "code", "said"),
    [
        (["--map", "nobody=name"], 1, "there are: id, name, phone"),
        (["--map", "name=shoe_size"], 1, "there are: name, surname"),
        (["--map", "name"], 2, "COL=ATTRIBUTE"),
        (["--id", "number"], 1, "there are: id, name, phone"),
        (["--threshold", "2"], 2, "threshold"),
    ],
)
def test_mistakes_are_told_with_what_would_be_right(tmp_path: Path, extra: list[str], code: int, said: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,name,phone\n1,Lin Chen,13800138000\n", encoding="utf-8")
    got, _, told = run(source, "--out", tmp_path / "out.csv", *extra)
    assert got == code
    assert said in " ".join(told.split())


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    (tmp_path / "in.csv").write_text("name\nLin\n", encoding="utf-8")
    for source, out in (("broken.parquet", "o.csv"), ("none.csv", "o.csv"), ("in.doc", "o.csv"), ("in.csv", "o.xml")):
        code, _, told = run(tmp_path / source, "--out", tmp_path / out)
        assert code == 1
        assert told.startswith("✗ ")


def test_values_stay_as_written(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("\ufeffname;zip\nLin;01234\n", encoding="utf-8")
    assert read_table(tmp_path / "in.csv").rows() == [("Lin", "01234")]
    (tmp_path / "in.jsonl").write_text('{"phone": ["1", 2]}\n\n{"phone": "3", "a": {"b": 1}}\n', encoding="utf-8")
    assert read_table(tmp_path / "in.jsonl").rows() == [(["1", "2"], None), (["3"], None)]
    (tmp_path / "bad.jsonl").write_text("[1]\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="line 1"):
        read_table(tmp_path / "bad.jsonl")


def test_matching_needs_no_django_and_the_room_no_numba() -> None:
    check = "import sys, kehu.resolve; assert 'numba' not in sys.modules, 'numba'; "
    check += "from kehu.resolve import match; import kehu.cli.match; assert 'django' not in sys.modules, 'django'"
    subprocess.run([sys.executable, "-c", check], check=True)
