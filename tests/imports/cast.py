"""The small cast of the import tests: a source, an uploaded file, an import that ran."""

from pathlib import Path
from typing import Any

import msgspec

from kehu.collect.imports import services
from kehu.collect.imports.queries import ImportView, import_view
from kehu.collect.models import Source
from kehu.core.database import current_connection
from kehu.core.jobs import run_job_here
from kehu.govern.access import SYSTEM

MEMBERS = {
    "record": {"key": ["会员号"]},
    "attributes": {"姓名": "name", "手机": "phone", "生日": "birth_date"},
    "identifiers": {"会员号": "member_id"},
    "occurred_at": "时间",
}
MEMBER_FILE = """会员号,姓名,手机,生日,时间
M1,张伟,13800138001,1988-03-05,2024-05-06 10:00:00
M2,王芳,13900139002,1990-01-01,2024-05-06 11:00:00
M3,李娜,1390013,not a day,yesterday
,,,,
,无,,,2024-05-06 12:00:00
"""


def make_file_source(slug: str = "members", **fields: Any) -> Source:
    return Source.objects.create(slug=slug, name=slug, kind="file", write_key=f"wk_{slug}", is_trusted=True, **fields)


def upload(folder: Path, content: str | bytes, name: str = "members.csv") -> int:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return services.upload(path, file_name=name, actor=SYSTEM)


def run(import_id: int, source: Source, mapping: Any) -> ImportView:
    run_job_here(services.start(import_id, source_id=source.pk, mapping=mapping, actor=SYSTEM))
    return import_view(SYSTEM, import_id)


def rows_in_inbox(source: Source) -> list[dict[str, Any]]:
    found = current_connection().execute(
        "SELECT payload FROM collect_inbox WHERE source_id = %s ORDER BY message_id", (source.pk,)
    )
    return [msgspec.json.decode(bytes(row[0]))["row"] for row in found]
