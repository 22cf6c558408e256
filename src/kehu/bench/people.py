"""Any number of made-up customers, each drawn from its number alone, so that none has to be kept."""

from dataclasses import dataclass
from random import Random

from kehu.demo.contact_points import MOBILE_PREFIXES
from kehu.demo.name_stock import Gender, draw_given_name, draw_surname, spell_given, spell_surname

CITIES = ("上海", "北京", "广州", "深圳", "成都", "杭州", "武汉", "南京", "西安", "重庆")


@dataclass(frozen=True, slots=True)
class BenchPerson:
    number: int
    surname: str
    given: str
    phone: str
    email: str
    city: str

    @property
    def name(self) -> str:
        return self.surname + self.given


def bench_person(number: int, seed: int = 0) -> BenchPerson:
    """The same number and seed give the same person; phones and addresses of two numbers differ."""
    rng = Random(number * 1_000_003 + seed)
    gender: Gender = "female" if rng.random() < 0.6 else "male"
    surname = draw_surname(rng)
    given = draw_given_name(rng, gender, rng.randint(1955, 2004))
    # A bijection on the last eight digits: people are told apart by it whatever their prefix.
    digits = (number * 48_271 + 11_111_117) % 100_000_000
    phone = f"{MOBILE_PREFIXES[rng.randrange(len(MOBILE_PREFIXES))]}{digits:08d}"
    email = f"{spell_given(given)}.{spell_surname(surname)}{number}@mail{number % 7}.example.com"
    return BenchPerson(number, surname, given, phone, email, rng.choice(CITIES))
