"""Rotating the keys while everything runs: a new one, then whatever lies sealed or hashed under an older one follows.

Every process reads with all versions and writes with the newest, so nothing fails in between. A run that was stopped
is gone on with by running again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models, transaction

from kehu.core.keyring import add_key, known_keys, newest_version
from kehu.core.resealing import PORTION, left_to_reseal, reseal
from kehu.core.sealing import sealed_columns
from kehu.govern import audit
from kehu.govern.access import SYSTEM
from kehu.govern.consent.addresses import add_layer
from kehu.govern.consent.models import Suppression

REASON: Final = "key rotation"
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rotation:
    """version: the newest key. resealed: by column. shut: sealed values that no key opens; they were left alone."""

    version: int
    resealed: Mapping[str, int]
    rehashed: int
    shut: int


def left_to_do() -> dict[str, int]:
    """Place → rows still under an older key."""
    found = {f"{one.table}.{one.column}": left_to_reseal(one) for one in sealed_columns()}
    return {**found, "consent_suppression.address_hash": _older().count()}


def rotate(*, adds_key: bool = True, tell: Tell = lambda rows: None) -> Rotation:
    """adds_key False: only go on with what an earlier run left. Raises KeysKeptElsewhere."""
    if adds_key:
        version = add_key()
        audit.note(actor=SYSTEM, action="keys.rotated", on=str(version), reason=REASON)
    resealed, shut = {}, 0
    for column in sealed_columns():
        done, closed = reseal(column, lambda: audit.act_as(SYSTEM, REASON), tell)
        resealed[f"{column.table}.{column.column}"] = done
        shut += closed
    return Rotation(newest_version(), resealed, _rehash(tell), shut)


def _rehash(tell: Tell) -> int:
    done = 0
    while portion := _rehash_portion():
        done += portion
        tell(portion)
    return done


@transaction.atomic
def _rehash_portion() -> int:
    audit.act_as(SYSTEM, REASON)
    rows = list(_older().select_for_update().order_by("pk")[:PORTION])
    for row in rows:
        for version, key in sorted(known_keys().items()):
            if version > row.key_version:
                row.address_hash, row.key_version = add_layer(bytes(row.address_hash), key), version
    # Suppressed once more since the key came: the newer entry says the same.
    again = {
        (bytes(one.address_hash), one.channel, one.purpose, one.cause)
        for one in Suppression.objects.filter(address_hash__in=[row.address_hash for row in rows], lifted_at=None)
    }
    doubled = [
        row.pk
        for row in rows
        if row.lifted_at is None and (row.address_hash, row.channel, row.purpose, row.cause) in again
    ]
    Suppression.objects.filter(pk__in=doubled).delete()
    Suppression.objects.bulk_update(
        [row for row in rows if row.pk not in doubled], ["address_hash", "key_version"], batch_size=PORTION
    )
    return len(rows)


def _older() -> models.QuerySet[Suppression]:
    return Suppression.objects.filter(key_version__lt=newest_version())
