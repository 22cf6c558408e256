"""WeChat mini-program members: a list of objects, one a line."""

from pathlib import Path
from typing import Any

from kehu.demo.sources.writing import Company, is_broken, write_json_lines

FILE = "wechat/members.jsonl"
APP_ID = "wx7a1f0c2be5d93846"
GENDER_CODES = {"male": 1, "female": 2, "": 0}


def write(company: Company, out: Path) -> int:
    rng = company.rng("wechat")
    rows: list[dict[str, Any] | bytes] = []
    for record in company.records["wechat"]:
        row: dict[str, Any] = {"openid": record.openid, "appid": APP_ID}
        if record.unionid:
            row["unionid"] = record.unionid
        row["nickname"] = record.nickname
        row["gender"] = GENDER_CODES[record.gender]
        row["subscribe_time"] = int(record.created_at.timestamp())
        if record.phone:
            row["phone"] = record.phone
        if record.member_no:
            row["member_no"] = record.member_no
        row["city"] = record.person.address.estate.city.removesuffix("市") if rng.random() < 0.5 else ""
        rows.append(row)
        if is_broken(rng):
            rows.append({"appid": APP_ID, "nickname": "游客", "gender": 0, "subscribe_time": row["subscribe_time"]})
    return write_json_lines(out / FILE, rows)
