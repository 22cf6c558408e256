"""Files in every format and encoding become rows of text, and what would hurt us is refused."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kehu.clean.row_mapping import FilePart
from kehu.collect.imports.readers import FileRefused, FileShape, Row, first_records, look, read_rows, shape_hash
from kehu.collect.imports.readers.text_encoding import eight_bit_encoding


def write(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "upload"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows_of(path: Path, **wanted: Any) -> tuple[FileShape, list[Row]]:
    shape = look(path, FilePart(**wanted))
    return shape, list(read_rows(path, shape))


TABLE = "姓名,手机,备注\n张伟,13800138000,老客户\n王芳,13900139000,\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "big5"]
)
def test_csv_in_any_encoding_gives_the_same_rows(tmp_path: Path, encoding: str) -> None:
    text = TABLE if encoding != "big5" else "姓名,手機,備註\n張偉,13800138000,老客戶\n王芳,13900139000,常客\n"
    _, rows = rows_of(write(tmp_path, text, encoding))
    assert [row.number for row in rows] == [2, 3]
    assert list(rows[0].cells.values()) == text.splitlines()[1].split(",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    shape, rows = rows_of(write(tmp_path, TABLE.replace(",", delimiter)))
    assert shape.delimiter == delimiter
    assert rows[1].cells == {"姓名": "王芳", "手机": "13900139000"}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("13800138000,张伟\n", "gb18030"),
        ("id,name\n" + "1,Smith\n" * 5000 + "2,王\n", "gb18030"),
        ("名,电话\n", "gb18030"),
        ("José,García\nMüller,Łódź".replace("Ł", "L").replace("ź", "z"), "cp1252"),
        ("Renée\nFrançois\nÉmile", "cp1252"),
        ("張先生,臺北市信義區\n", "big5"),
        ("Straße,Größe,naïve,Ångström", "cp1252"),
    ],
)
def test_a_few_characters_are_enough_to_tell_the_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    assert look(write(tmp_path, text, encoding)).encoding == encoding


def test_a_character_cut_in_half_does_not_change_the_encoding_of_the_file(tmp_path: Path) -> None:
    text = (TABLE + "李娜,13700137000,新\n" * 20).encode()
    shape, rows = rows_of(write(tmp_path, text + "赵".encode()[:2] + b",13600136000,\n"))
    assert shape.encoding == "utf-8"
    assert rows[0].cells["姓名"] == "张伟"
    assert rows[-1].cells["姓名"] == "\ufffd"


@given(
    st.text(alphabet="张伟王芳李娜刘洋陈静杨丽赵强黄勇周敏吴军徐艳孙杰马涛朱明胡磊郭超何霞", min_size=2, max_size=40)
)
def test_common_names_are_always_gb18030(text: str) -> None:
    assert eight_bit_encoding(text.encode("gb18030")) == "gb18030"


def test_titles_above_the_table_are_passed_over(tmp_path: Path) -> None:
    shape, rows = rows_of(write(tmp_path, "会员导出,,\n2024-05-01,,\n" + TABLE))
    assert (shape.header_row, shape.columns) == (3, ("姓名", "手机", "备注"))
    assert rows[0] == Row(4, {"姓名": "张伟", "手机": "13800138000", "备注": "老客户"})


def test_a_file_without_headings_gets_numbered_columns(tmp_path: Path) -> None:
    shape, rows = rows_of(write(tmp_path, "张伟,13800138000\n王芳,13900139000\n"))
    assert (shape.header_row, shape.columns) == (0, ("column_1", "column_2"))
    assert [row.number for row in rows] == [1, 2]


def test_repeated_and_empty_headings_get_names_of_their_own(tmp_path: Path) -> None:
    shape = look(write(tmp_path, "name,note,note,\nLin,a,b,c\n"))
    assert shape.columns == ("name", "note", "note_2", "column_4")


def test_a_quote_left_open_loses_its_own_line_and_no_other(tmp_path: Path) -> None:
    lines = ["name,note\n", '"Lin,never closed\n', *(f"n{i},x{i}\n" for i in range(6000))]
    _, rows = rows_of(write(tmp_path, "".join(lines)))
    broken = [row for row in rows if row.code]
    assert [(row.number, row.code) for row in broken] == [(2, "unclosed_quote")]
    assert broken[0].cells[""].startswith('"Lin')
    good = [row for row in rows if not row.code]
    assert [row.cells["name"] for row in good] == [f"n{i}" for i in range(6000)]


def test_a_row_with_too_many_cells_is_kept_as_a_problem(tmp_path: Path) -> None:
    _, rows = rows_of(write(tmp_path, "name,city\nLin,Hangzhou\nWu,Ningbo,Zhejiang\n"))
    assert rows[1].code == "too_many_cells"
    assert rows[1].cells[""] == "Zhejiang"


def test_line_breaks_quotes_and_nul_inside_cells(tmp_path: Path) -> None:
    _, rows = rows_of(write(tmp_path, b'name,note\r\n"Li ""Lin"" Na","two\r\nlines\x00"\r\n'))
    assert rows == [Row(2, {"name": 'Li "Lin" Na', "note": "two\r\nlines"})]


def test_json_lines_flatten_to_dotted_paths_and_keep_lists_of_objects(tmp_path: Path) -> None:
    good = '{"no":1,"buyer":{"name":"Lin","vip":true},"lines":[{"sku":"a","q":2},{"sku":"b"}],"tags":["x","y"]}\n'
    shape, rows = rows_of(write(tmp_path, good + '{"no":2,"buyer":{"na\n' + "[1]\n" + '{"no":3.50,"x":null}\n'))
    assert shape.columns == ("no", "buyer.name", "buyer.vip", "lines.sku", "lines.q", "tags")
    assert shape.lists == ("lines",)
    assert rows[0].cells == {
        "no": "1",
        "buyer.name": "Lin",
        "buyer.vip": "true",
        "lines": [{"sku": "a", "q": "2"}, {"sku": "b"}],
        "tags": "x, y",
    }
    assert [(row.number, row.code) for row in rows] == [(1, ""), (2, "not_json"), (3, "not_an_object"), (4, "")]
    assert rows[3].cells == {"no": "3.5"}


def test_a_whole_json_list_is_read_as_well(tmp_path: Path) -> None:
    shape, rows = rows_of(write(tmp_path, '[{"a": 1}, {"a": "二"}]'))
    assert shape.format == "json"
    assert [row.cells["a"] for row in rows] == ["1", "二"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"a":' * 2000 + "1" + "}" * 2000, "not_json"),
        ('{"a":' * 60 + "1" + "}" * 60, "too_deep"),
        ('{"a": "' + "x" * 40_000 + '"}', "cell_too_long"),
        ('{"a": ' + "9" * 400 + "}", ""),
        ('{"a": ' + "9" * 9000 + "}", "not_json"),
        ('{"a": NaN}', "not_json"),
        ("{" + ",".join(f'"c{i}":1' for i in range(1500)) + "}", "too_many_columns"),
    ],
)
def test_a_poisonous_line_is_a_problem_of_its_own(tmp_path: Path, line: str, code: str) -> None:
    _, rows = rows_of(write(tmp_path, '{"a": 1}\n' + line + '\n{"a": 2}\n'))
    assert [row.code for row in rows] == ["", code, ""] or (code == "not_json" and rows[1].code)


def workbook(folder: Path, rows: list[list[Any]], sheets: int = 1) -> Path:
    path = folder / "upload"
    book = xlsxwriter.Workbook(str(path))
    stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number in range(sheets):
        sheet = book.add_worksheet(f"Sheet{number}")
        for row_number, row in enumerate(rows if number == sheets - 1 else []):
            for column, value in enumerate(row):
                sheet.write(row_number, column, value, *([stamp] if hasattr(value, "year") else []))
    book.close()
    return path


def test_a_workbook_gives_text_as_a_person_would_write_it(tmp_path: Path) -> None:
    from datetime import datetime

    path = workbook(
        tmp_path,
        [
            ["会员导出"],
            ["手机", "金额", "时间", "订单号", "是"],
            [13800138000, 12.5, datetime(2024, 5, 6, 7, 8, 9), 123456789012345678, True],
        ],
        sheets=2,
    )
    shape, rows = rows_of(path)
    assert (shape.sheet, shape.sheets, shape.header_row) == ("Sheet1", ("Sheet0", "Sheet1"), 2)
    assert rows[0].number == 3
    assert rows[0].cells["手机"] == "13800138000"
    assert rows[0].cells["金额"] == "12.5"
    assert rows[0].cells["时间"] == "2024-05-06 07:08:09"
    assert "E+17" in rows[0].cells["订单号"]  # the workbook itself has lost the last digits
    assert rows[0].cells["是"] == "true"


def test_another_sheet_can_be_chosen_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["name"], ["Lin"]], sheets=2)
    with pytest.raises(FileRefused, match="Sheet0, Sheet1"):
        look(path, FilePart(sheet="Orders"))


def test_parquet_gives_rows_with_typed_values_as_text(tmp_path: Path) -> None:
    from datetime import datetime
    from decimal import Decimal

    path = tmp_path / "upload"
    table = pa.table(
        {
            "id": [1, 2],
            "at": [datetime(2018, 1, 20, 12, 15, 57), None],
            "price": pa.array([Decimal("12.50"), None], pa.decimal128(10, 2)),
            "who": [{"name": "Lin"}, None],
            "lines": [[{"sku": "a"}], []],
        }
    )
    pq.write_table(table, path)
    shape, rows = rows_of(path)
    assert shape.columns == ("id", "at", "price", "who.name", "lines.sku")
    assert rows[0].cells == {
        "id": "1",
        "at": "2018-01-20 12:15:57",
        "price": "12.50",
        "who.name": "Lin",
        "lines": [{"sku": "a"}],
    }
    assert rows[1].cells["id"] == "2"


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (zipped({SHEET: b"0" * (40 << 20)}), "unsafe_workbook"),
        (zipped({f"p{i}": b"" for i in range(1200)}), "unsafe_workbook"),
        (zipped({SHEET: b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="ZZ1048576"/></row>'}), "unsafe_workbook"),
        (zipped({SHEET: b'<row r="1"><c r="XFD1"/></row>'}), "too_many_columns"),
        (b"PK\x03\x04 and then nothing", "unsafe_workbook"),
        (b"PAR1 and then nothing PAR1", "unreadable_parquet"),
        ((",".join(f"c{i}" for i in range(1200)) + "\n" + "1," * 1199 + "1\n").encode(), "too_many_columns"),
        (b"name\n" + b"x" * (34 << 20), "line_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_or_must_not_be_read_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        rows_of(write(tmp_path, content))
    assert refusal.value.reason == reason
    assert str(refusal.value)


def test_the_shape_of_a_file_is_its_columns_in_any_order() -> None:
    assert shape_hash(["a", "b"]) == shape_hash(["b", "a"]) != shape_hash(["a", "c"])


@pytest.mark.parametrize(
    "content", [b"\x00", b"\x00" * 5_000, b"\x7fELF\x02\x01\x01\x00\x03" * 500, bytes(range(256)) * 300]
)
def test_what_is_no_text_is_refused_and_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused) as refusal:
        look(write(tmp_path, content))
    assert refusal.value.reason in ("binary", "empty")
    assert "\x00" not in str(refusal.value)


def test_a_stray_nul_is_no_reason_to_refuse_a_table(tmp_path: Path) -> None:
    _, rows = rows_of(write(tmp_path, "a,b\n" + "x,y\n" * 200 + "x\x00,y\n"))
    assert rows[-1].cells == {"a": "x", "b": "y"}


@pytest.mark.parametrize("delimiter", ["^", "~", "\x01", "\x1f", "，", "；"])
def test_unusual_delimiters_are_found_too(tmp_path: Path, delimiter: str) -> None:
    shape, rows = rows_of(write(tmp_path, TABLE.replace(",", delimiter)))
    assert (shape.delimiter, len(rows)) == (delimiter, 2)


def test_any_single_character_may_be_named_as_delimiter_and_longer_ones_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a#b\n1#2\n")
    assert rows_of(path, delimiter="#")[1][0].cells == {"a": "1", "b": "2"}
    with pytest.raises(FileRefused):
        look(path, FilePart(delimiter="##"))


@pytest.mark.parametrize("encoding", ["klingon", "zlib", "undefined"])
def test_an_encoding_that_is_none_is_refused_by_name(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(FileRefused, match=encoding):
        look(write(tmp_path, TABLE), FilePart(encoding=encoding))


def test_the_first_rows_are_shown_as_they_stand_to_point_at_the_headings(tmp_path: Path) -> None:
    path = write(tmp_path, "会员导出\n\n姓名,手机\n张伟,13800138000\n王芳,13900139000\n")
    shape = look(path)
    assert shape.header_row == 3
    assert first_records(path, shape, 4)[:3] == [["会员导出"], [], ["姓名", "手机"]]
    assert look(path, FilePart(header_row=4)).columns == ("张伟", "13800138000")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_last_row_counts_whether_its_line_ends_or_not(tmp_path: Path, ending: str) -> None:
    assert look(write(tmp_path, f"a,b\n1,2\n3,4{ending}")).row_count == 2
