"""The e-mail list: address, name, consent and, for some, the moment they had enough."""

from datetime import timedelta
from pathlib import Path

from kehu.demo.sources.writing import Company, is_broken, iso_utc, write_csv

FILE = "mail/subscribers.csv"
HEADINGS = ("email", "name", "consent", "consent_at", "opt_out_at", "signup_source")
ORIGINS = ("website_footer", "checkout", "store_event", "import_2023")


def write(company: Company, out: Path) -> int:
    rng = company.rng("mail")
    rows: list[list[object]] = []
    for record in company.records["mail"]:
        opted_out = rng.random() < 0.12
        left_at = min(record.created_at + timedelta(days=rng.randint(3, 500)), company.now)
        consent = "unsubscribed" if opted_out else "subscribed"
        moments = [iso_utc(record.created_at), iso_utc(left_at) if opted_out else ""]
        rows.append([record.email, record.name, consent, *moments, rng.choice(ORIGINS)])
        if is_broken(rng):
            rows.append([record.email.replace("@", "#"), record.name, consent, *moments, ""])
    return write_csv(out / FILE, HEADINGS, rows)
