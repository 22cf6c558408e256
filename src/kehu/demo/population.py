"""The people and companies behind the records: the truth, before any system has seen it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from kehu.demo.contact_points import ContactPoints
from kehu.demo.error_rates import ERROR_RATES
from kehu.demo.name_stock import Gender, draw_given_name, draw_surname, spell_given
from kehu.demo.places import Address, AddressBook

YEARS_IN_BUSINESS = 3
BUSINESS_CONTACT_SHARE = 0.04
PEOPLE_PER_COMPANY = 80

# (members besides the head, share of households)
HOUSEHOLDS: tuple[tuple[tuple[str, ...], float], ...] = (
    ((), 0.74),
    (("spouse",), 0.13),
    (("parent",), 0.07),
    (("spouse", "parent"), 0.06),
)
COMPANY_BRANDS = [
    "贝乐",
    "启明",
    "悦童",
    "安馨",
    "嘉禾",
    "优品",
    "瑞安",
    "恒信",
    "蓝海",
    "天泽",
    "小熊",
    "童年",
    "金苹果",
    "爱婴",
    "佳贝",
    "康乐",
    "润家",
    "宜居",
    "和美",
    "星辰",
]
COMPANY_TRADES = [
    "母婴用品",
    "家居",
    "贸易",
    "商贸",
    "教育科技",
    "酒店管理",
    "健康管理",
    "装饰工程",
    "电子商务",
    "月子护理",
    "幼教服务",
    "百货",
]
COMPANY_SUFFIXES = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
JOB_TITLES = (
    "采购经理",
    "采购",
    "总经理",
    "店长",
    "行政主管",
    "财务",
    "运营总监",
    "园长",
    "副总经理",
    "销售经理",
)


@dataclass(frozen=True, slots=True)
class Company:
    id: str
    city: str
    brand: str
    trade: str
    suffix: str
    phone: str
    domain: str
    address: Address

    @property
    def name(self) -> str:
        return f"{self.city.removesuffix('市')}{self.brand}{self.trade}{self.suffix}"

    def name_variants(self) -> tuple[str, ...]:
        place = self.city.removesuffix("市")
        return (
            f"{self.brand}{self.trade}（{place}）{self.suffix}",
            f"{place}市{self.brand}{self.trade}{self.suffix}",
            f"{place}{self.brand}{self.trade}公司",
            f"{self.brand}{self.trade}",
        )


@dataclass(slots=True)
class Person:
    id: str
    surname: str
    given: str
    gender: Gender
    birth_date: date
    household: int
    role: str  # "head", "spouse", "parent"
    phone: str
    phone_later: str  # what a changed number is changed to
    email: str
    email_later: str
    address: Address
    address_later: Address
    company: Company | None = None
    job_title: str = ""
    is_heavy: bool = False
    uses_family_phone: bool = False
    got_recycled_number: bool = False
    active_from: float = 0.0  # share of the company's life
    active_to: float = 1.0

    @property
    def name(self) -> str:
        return self.surname + self.given


@dataclass(slots=True)
class Population:
    people: list[Person]
    companies: list[Company] = field(default_factory=list)


class _Registrar:
    """Draws people with everything they own."""

    def __init__(self, rng: Random, count: int, today: date) -> None:
        self.rng, self.count, self.today = rng, count, today
        self.contacts = ContactPoints(rng)
        self.addresses = AddressBook(rng, count)
        self.people: list[Person] = []

    def settle_household(self, number: int) -> None:
        rng = self.rng
        head = self._head(number)
        self.people.append(head)
        for role in _draw_household(rng):
            if len(self.people) < self.count:
                self.people.append(self._relative(head, role))

    def _head(self, household: int) -> Person:
        rng = self.rng
        gender: Gender = "female" if rng.random() < 0.62 else "male"
        birth_date = _draw_birth_date(rng, self.today, 23, 62)
        return self._person(draw_surname(rng), gender, birth_date, household, "head", self.addresses.draw())

    def _relative(self, head: Person, role: str) -> Person:
        rng = self.rng
        if role == "spouse":
            gender: Gender = "male" if head.gender == "female" else "female"
            birth_date = head.birth_date + timedelta(days=rng.randint(-2200, 2200))
            surname = draw_surname(rng)
        else:
            gender = "female" if rng.random() < 0.55 else "male"
            birth_date = head.birth_date - timedelta(days=rng.randint(8000, 11500))
            # The head's father shares the surname; so does a mother-in-law about as rarely as anybody.
            surname = head.surname if gender == "male" or rng.random() < 0.3 else draw_surname(rng)
        return self._person(surname, gender, birth_date, head.household, role, head.address)

    def _person(
        self, surname: str, gender: Gender, birth_date: date, household: int, role: str, address: Address
    ) -> Person:
        rng, contacts = self.rng, self.contacts
        given = draw_given_name(rng, gender, birth_date.year)
        phone, later = contacts.mobile(), contacts.mobile()
        return Person(
            id=f"p{len(self.people):06d}",
            surname=surname,
            given=given,
            gender=gender,
            birth_date=birth_date,
            household=household,
            role=role,
            phone=phone,
            phone_later=later,
            email=contacts.email(surname, given, birth_date.year, phone),
            email_later=contacts.email(surname, given, birth_date.year, later),
            address=address,
            address_later=self.addresses.draw(),
        )


def draw_population(rng: Random, count: int, today: date) -> Population:
    registrar = _Registrar(rng, count, today)
    household = 0
    while len(registrar.people) < count:
        registrar.settle_household(household)
        household += 1
    people = registrar.people
    _share_family_phones(rng, people)
    _recycle_numbers(rng, people)
    companies = _found_companies(registrar)
    _employ(registrar, companies)
    return Population(people, companies)


def _draw_household(rng: Random) -> tuple[str, ...]:
    roll = rng.random()
    for relatives, share in HOUSEHOLDS:
        roll -= share
        if roll < 0:
            return relatives
    return ()


def _draw_birth_date(rng: Random, today: date, youngest: int, oldest: int) -> date:
    # Most customers have small children: the middle of the triangle is 33.
    age_days = int(rng.triangular(youngest, oldest, 33) * 365.25)
    return today - timedelta(days=age_days)


def _share_family_phones(rng: Random, people: list[Person]) -> None:
    """Put the configured share of people on a phone they share: a relative who gives the head's number, and the
    head whose number it is, are both counted.
    """
    heads = {p.household: p for p in people if p.role == "head"}
    relatives = [p for p in people if p.role != "head"]
    rng.shuffle(relatives)
    wanted = round(ERROR_RATES.family_phone * len(people))
    for person in relatives:
        head = heads[person.household]
        if wanted < 2 - head.uses_family_phone:
            break
        wanted -= 2 - head.uses_family_phone
        person.phone = head.phone
        person.uses_family_phone = head.uses_family_phone = True


def _recycle_numbers(rng: Random, people: list[Person]) -> None:
    """Give a number back to the operator and on to a stranger: its first owner has gone quiet by then."""
    in_sharing_households = {p.household for p in people if p.uses_family_phone}
    strangers = [p for p in people if p.household not in in_sharing_households]
    rng.shuffle(strangers)
    count = min(round(ERROR_RATES.recycled_number * len(people)), len(strangers) // 2)
    for former, present in zip(strangers[:count], strangers[count : 2 * count], strict=True):
        former.active_to, present.active_from = 0.35, 0.55
        present.phone = former.phone
        present.got_recycled_number = True


def _found_companies(registrar: _Registrar) -> list[Company]:
    rng = registrar.rng
    companies: list[Company] = []
    for number in range(max(3, registrar.count // PEOPLE_PER_COMPANY)):
        address = registrar.addresses.draw()
        brand, trade = rng.choice(COMPANY_BRANDS), rng.choice(COMPANY_TRADES)
        if rng.random() < 0.6:  # a brand of two free characters keeps most companies apart
            brand = draw_given_name(rng, "male", 1990)[-1] + draw_given_name(rng, "female", 1980)[0]
        city = address.estate.city
        domain = f"{spell_given(brand)}{number}.{rng.choice(('com', 'cn', 'com.cn'))}"
        companies.append(
            Company(
                f"o{number:05d}", city, brand, trade, rng.choice(COMPANY_SUFFIXES),
                registrar.contacts.landline(city), domain, address,
            )
        )  # fmt: skip
    return companies


def _employ(registrar: _Registrar, companies: list[Company]) -> None:
    rng = registrar.rng
    for person in registrar.people:
        if person.role == "head" and rng.random() < BUSINESS_CONTACT_SHARE / _share_of_heads():
            person.company = companies[int(len(companies) * rng.random() ** 1.3)]
            person.job_title = rng.choice(JOB_TITLES)
            person.email = registrar.contacts.email(
                person.surname, person.given, person.birth_date.year, person.phone, person.company.domain
            )


def _share_of_heads() -> float:
    return 1 / sum(share * (1 + len(relatives)) for relatives, share in HOUSEHOLDS)
