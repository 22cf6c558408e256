"""The wizard's pages take what a hostile or careless visitor sends, and say so."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kehu.collect.models import Import
from kehu.core.files import file_store
from tests.callers import make_client
from tests.cast import make_user
from tests.imports.cast import make_file_source

HOSTILE = [
    "",
    "\x00",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "𠮷" * 3_000,
    "%s{{7*7}}",
    "-1",
]


@pytest.fixture
def steward(db: None) -> Client:
    client = make_client()
    client.force_login(make_user("steward"))
    return client


@pytest.fixture
def imported(db: None) -> Import:
    stored = file_store().put(["姓名,手机\n张伟,13800138000\n".encode()])
    return Import.objects.create(
        source=make_file_source(), file_name="a.csv", file_path=stored.key, file_hash=stored.digest, format="csv"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_sent_breaks_a_page(steward: Client, imported: Import, text: str) -> None:
    def post(name: str, data: dict[str, Any], *more: int, query: str = "") -> None:
        answer = steward.post(reverse(f"web:{name}", args=[imported.pk, *more]) + query, data)
        assert answer.status_code < 500, (name, answer.content[:300])
        assert b"<script>alert(1)" not in answer.content

    post("import_read", {"encoding": text, "delimiter": text, "sheet": text, "header_row": text})
    post("import_read", {"other_delimiter": text})
    post("import_columns", {"column-0": text, "column-99": text, f"column-{text}": "phone"})
    for kind in (
        "replace",
        "values",
        "extract",
        "split",
        "split_name",
        "join",
        "date",
        "constant",
        "default",
        "case",
        text,
    ):
        said = dict.fromkeys(
            ("find", "by", "values", "others", "pattern", "into", "at", "surname", "given_name", "columns", "format",
             "written", "value", "to"), text
        )  # fmt: skip
        post("import_step", said, 0, query=f"?do={kind[:20]}")
        post("import_step_preview", said, 0, query=f"?do={kind[:20]}")
    post("import_step", {}, 99)
    post("import_step_away", {"step": text})
    post("import_undo", {"reason": text})
    post("import_pause", {})
    for name in ("import_columns", "import_known"):
        assert steward.get(reverse(f"web:{name}", args=[imported.pk])).status_code < 500


def test_an_upload_that_is_no_table_is_refused_in_words(steward: Client, db: None) -> None:
    source = make_file_source("other")
    for content in (b"\x00" * 4_096, b"\x7fELF" + b"\x01\x02\x03\x00" * 2_000):
        file = SimpleUploadedFile("data.csv", content)
        answer = steward.post(reverse("web:import_new"), {"file": file, "source": str(source.pk)})
        assert answer.status_code == 422
        assert not Import.objects.exists()
