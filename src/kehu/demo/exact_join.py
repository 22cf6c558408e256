"""The baseline: what one gets by joining on equal identifiers after cleaning them, and nothing else.

Two records are one customer if they share a phone, an e-mail address, a unionid, an openid or a member
number; so are records joined over several steps. Placeholders and masked numbers join nothing. It is what a
careful engineer does in a week with SQL; the road has to be better than this on the same records.
"""

from collections.abc import Iterator, Mapping, Sequence

from kehu.clean.email_addresses import EmailAddress
from kehu.clean.phone_numbers import PhoneNumber

UNIQUE_COLUMNS = ("unionid", "openid", "member_id")


def exact_join(records: Sequence[Mapping[str, str]]) -> list[int]:
    """A label per record: the position of the first record of its group."""
    parent = list(range(len(records)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first_with: dict[tuple[str, str], int] = {}
    for i, record in enumerate(records):
        for identifier in identifiers_of(record):
            a, b = root(first_with.setdefault(identifier, i)), root(i)
            parent[max(a, b)] = min(a, b)
    return [root(i) for i in range(len(records))]


def identifiers_of(record: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    phone = PhoneNumber.parse(record.get("phone"))
    if phone is not None and phone.e164:
        yield "phone", phone.e164
    email = EmailAddress.parse(record.get("email"))
    if email is not None:
        yield "email", email.address
    for column in UNIQUE_COLUMNS:
        if value := record.get(column):
            yield column, value
