"""The error rates of the demo company, in one table.

A person's *first* record (the earliest by registration time) carries true values. Every later record draws
its errors independently from this table, field by field, and only for the fields its source has: a call log
has no birth date to get wrong. A field's states (missing, changed, swapped …) exclude one another, so each
rate is a share of all later records whose source has that field. The rates are part of the product's promise:
they are never tuned to make matching look better; `tests/demo` measures them in the generated files against
their binomial bounds.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Shares in 0..1. Names of the fields are the names of the errors in the truth
    (`truth/records.parquet`).
    """

    # Names: shares of later records with a full name (not: the masked marketplace names, nicknames).
    name_typo: float = 0.12  # typing slip, homophone or look-alike character
    name_traditional: float = 0.04
    name_surname_title: float = 0.06  # 张先生
    name_romanised: float = 0.02  # Zhang Wei, WEI ZHANG

    # Phones: shares of later records whose source lets the phone out (shop, web, CRM, till card).
    phone_missing: float = 0.30
    phone_changed: float = 0.12  # also where a phone is always present: marketplace, call centre
    phone_reformatted: float = 0.40  # of the phones that are written out in full

    # E-mail: shares of later records of shop, web and CRM (missing), and of the mailing list too (changed).
    email_missing: float = 0.55
    email_changed: float = 0.15

    # Birth dates: shares of later records of web, till card and CRM.
    birth_missing: float = 0.45
    birth_swapped: float = 0.02  # day and month exchanged
    birth_defaulted: float = 0.02  # 1 January of the right year

    # Addresses: shares of later records of shop, marketplace and CRM.
    address_moved: float = 0.12
    address_abbreviated: float = 0.45

    placeholder: float = 0.02  # one field holds 00000000000, test@test.com or 无
    exact_duplicate: float = 0.08  # entered again in the same source under a new key, value for value

    # Of people, not of records.
    family_phone: float = 0.06  # are on a number that a family shares, its owner counted
    recycled_number: float = 0.01  # the number belonged to a stranger before


ERROR_RATES = ErrorRates()

RECORDS_PER_PERSON = (
    # (number of records, share of people): skewed, mean 2.6 with the heavy customers added.
    (1, 0.380),
    (2, 0.257),
    (3, 0.145),
    (4, 0.084),
    (5, 0.049),
    (6, 0.031),
    (7, 0.019),
    (8, 0.012),
    (9, 0.009),
    (10, 0.006),
    (12, 0.005),
    (15, 0.003),
)
HEAVY_CUSTOMERS_PER_PERSON = 1 / 2000  # at least one: > 20 records and > 1,000 events

# Properties of the sources, not errors.
WECHAT_HAS_PHONE = 0.60
WECHAT_HAS_UNIONID = 0.85
TILL_RECEIPTS_WITHOUT_IDENTITY = 0.10  # of the identified ones
RESENT_MESSAGES = 0.005  # the tracking library sends a message again under the same messageId
BROKEN_ROWS = 0.002  # rows no importer could use: no key, half a line, a moment that is none
ORDERS_ALSO_SEEN_ON_THE_WEB = 0.6  # shop orders of people with a web account
REFUNDED_ORDERS = 0.06
