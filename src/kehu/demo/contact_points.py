"""Phone numbers and e-mail addresses: unique ones to hand out, and the ways people and systems write them."""

from random import Random

from kehu.demo.name_stock import spell_given, spell_surname

MOBILE_PREFIXES = (
    "134", "135", "136", "137", "138", "139", "147", "150", "151", "152", "157", "158", "159", "172",
    "178", "182", "183", "184", "187", "188", "195", "197", "198", "130", "131", "132", "145", "155",
    "156", "166", "171", "175", "176", "185", "186", "133", "149", "153", "173", "177", "180", "181",
    "189", "190", "191", "193", "199",
)  # fmt: skip
AREA_CODES = {
    "北京市": "010", "上海市": "021", "天津市": "022", "重庆市": "023", "广州市": "020", "南京市": "025",
    "武汉市": "027", "成都市": "028", "西安市": "029", "沈阳市": "024", "深圳市": "0755", "杭州市": "0571",
    "苏州市": "0512", "宁波市": "0574",
    "青岛市": "0532", "长沙市": "0731", "郑州市": "0371", "厦门市": "0592",
}  # fmt: skip
PLACEHOLDER_PHONES = ("00000000000", "13800000000", "11111111111", "无", "-")
PLACEHOLDER_EMAILS = ("test@test.com", "no@no.com", "无", "none", "123@123.com")
PLACEHOLDER_TEXTS = ("无", "不详", "N/A", "-", "测试")
MAIL_DOMAINS = (
    ("qq.com", 0.46),
    ("163.com", 0.2),
    ("126.com", 0.08),
    ("gmail.com", 0.06),
    ("sina.com", 0.06),
)
OTHER_MAIL_DOMAINS = (
    "outlook.com",
    "139.com",
    "foxmail.com",
    "hotmail.com",
    "sohu.com",
    "aliyun.com",
    "icloud.com",
)


class ContactPoints:
    """Hands out numbers and addresses nobody else has; who shares one shares it on purpose."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def mobile(self) -> str:
        rng = self._rng
        while True:
            number = f"{rng.choice(MOBILE_PREFIXES)}{rng.randrange(10**8):08d}"
            if number not in self._taken and number[3:] != "00000000":
                self._taken.add(number)
                return number

    def landline(self, city: str) -> str:
        """A company's number; where we know no area code, one of the nationwide 400 numbers."""
        area = AREA_CODES.get(city)
        while True:
            if area is None:
                number = f"400-{self._rng.randrange(1000):03d}-{self._rng.randrange(10**4):04d}"
            else:
                number = f"{area}-{self._rng.randint(2, 8)}{self._rng.randrange(10**7):07d}"
            if number not in self._taken:
                self._taken.add(number)
                return number

    def email(self, surname: str, given: str, born_year: int, mobile: str, domain: str = "") -> str:
        """A private address of a person, or one at a company's `domain`."""
        while True:
            address = self._draw_email(surname, given, born_year, mobile, domain)
            if address not in self._taken:
                self._taken.add(address)
                return address

    def _draw_email(self, surname: str, given: str, born_year: int, mobile: str, domain: str) -> str:
        rng = self._rng
        family, first = spell_surname(surname), spell_given(given)
        if domain:
            local = rng.choice((f"{first}.{family}", f"{family}.{first}", f"{first[0]}{family}", f"{family}{first}"))
            suffix = "" if f"{local}@{domain}" not in self._taken else str(rng.randint(2, 99))
            return f"{local}{suffix}@{domain}"
        host = _draw_domain(rng)
        if host == "qq.com" and rng.random() < 0.85:
            return f"{rng.randint(10**7, 3 * 10**9)}@qq.com"
        pattern = rng.random()
        if pattern < 0.1 and f"{mobile}@{host}" not in self._taken:
            return f"{mobile}@{host}"
        if pattern < 0.45:
            return f"{family}{first}{rng.choice((born_year, born_year % 100, rng.randint(1, 9999)))}@{host}"
        if pattern < 0.7:
            return f"{family}_{first}{rng.randint(0, 999)}@{host}"
        if pattern < 0.85:
            return f"{first}.{family}{rng.randint(1, 999)}@{host}"
        return f"{first}{rng.randint(100, 99999)}@{host}"


def _draw_domain(rng: Random) -> str:
    roll = rng.random()
    for domain, share in MAIL_DOMAINS:
        roll -= share
        if roll < 0:
            return domain
    return rng.choice(OTHER_MAIL_DOMAINS)


def reformat_phone(rng: Random, phone: str) -> str:
    """The same number, otherwise written; never the bare digits."""
    pattern = rng.randrange(8)
    if pattern == 0:
        return f"+86{phone}"
    if pattern == 1:
        return f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"
    if pattern == 2:
        return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    if pattern == 3:
        return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    if pattern == 4:
        return f"0086{phone}"
    if pattern == 5:
        return f"86-{phone}"
    if pattern == 6:
        return f"（+86）{phone}"
    return phone.translate(FULL_WIDTH)


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def mask_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}"


def mask_name(surname: str) -> str:
    """As a marketplace hides its buyers: 张*. One star however long the given name, as the platforms do
    it.
    """
    return f"{surname[0]}*"
