"""Chinese surnames: which characters can be one, and how common each is."""

from functools import cache
from pathlib import Path
from typing import Final

# Below this the table holds mostly stray characters that once began a name (好, 美, 爱 …).
CREDIBLE: Final = 5.5
# As rare as the stray ones, but never anything else than a surname.
_RARE_BUT_REAL: Final = frozenset("仉佴乜呙厍钭暨爨弋恽桓萨睢郅邾甯笪缑庹禤酆俸苻蒉郐郯淦闾韶撒顼佘谌亓逯逄綦訾冼阙")


@cache
def frequency_by_surname() -> dict[str, float]:
    """Credible surnames, simplified, compound ones included, with their relative frequency (王 = 9520)."""
    table: dict[str, float] = {}
    lines = (Path(__file__).with_name("data") / "surnames.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        surname, frequency = line.split("\t")
        if float(frequency) >= CREDIBLE or len(surname) > 1 or surname in _RARE_BUT_REAL:
            table[surname] = float(frequency)
    return table


@cache
def compound_surnames() -> frozenset[str]:
    """欧阳, 司马, 尉迟, 爱新觉罗 …"""
    return frozenset(s for s in frequency_by_surname() if len(s) > 1)


@cache
def frequency_by_reading() -> dict[str, float]:
    """Pinyin of a surname → summed frequency of the surnames read so: zhang → 张 + 章 + …"""
    from kehu.clean.pinyin import surname_reading

    table: dict[str, float] = {}
    for surname, frequency in frequency_by_surname().items():
        reading = surname_reading(surname)
        table[reading] = table.get(reading, 0.0) + frequency
    return table
