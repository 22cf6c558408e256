"""The old CRM: contact and company in one row, names as the reps typed them."""

from pathlib import Path
from random import Random

from kehu.demo.records import Record
from kehu.demo.sources.writing import Company, is_broken, local, write_csv

FILE = "crm/contacts.csv"
HEADINGS = (
    "客户编号", "联系人", "职务", "手机", "邮箱", "生日", "联系地址", "公司编号", "公司名称", "公司电话", "公司地址",
    "负责人", "创建时间", "备注",
)  # fmt: skip
OWNERS = ("周婷", "吴磊", "郑洁", "冯涛", "蒋欣")
REMARKS = ("", "", "", "重点客户", "已寄样品", "等报价", "展会认识", "老客户介绍")
BIRTH_FORMATS = ("{:04d}-{:02d}-{:02d}", "{}年{}月{}日", "{}.{}.{}", "{:04d}{:02d}{:02d}")


def write(company: Company, out: Path) -> int:
    rng = company.rng("crm")
    rows: list[list[object]] = []
    for record in company.records["crm"]:
        rows.append(_row(record, rng))
        if is_broken(rng):
            rows.append(["", "无", *[""] * (len(HEADINGS) - 2)])
    return write_csv(out / FILE, HEADINGS, rows, "utf-8-sig")


def _row(record: Record, rng: Random) -> list[object]:
    birth = rng.choice(BIRTH_FORMATS).format(*record.birth) if record.birth else ""
    employer = record.person.company
    company = ["", "", "", ""]
    if employer is not None:
        company = [record.company_id, employer.name, employer.phone, employer.address.full]
        if not record.company_id.endswith("0"):  # the second account of one company: another hand, another spelling
            company[1] = employer.name_variants()[int(record.company_id[1:]) // 10 % 4]
    contact = [
        record.key,
        record.name,
        record.person.job_title,
        record.phone,
        record.email,
        birth,
        record.address,
    ]
    return [*contact, *company, rng.choice(OWNERS), local(record.created_at), rng.choice(REMARKS)]
