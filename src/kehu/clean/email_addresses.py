"""E-mail addresses in a normal form."""

import re
from functools import cache
from pathlib import Path
from typing import Final, Self

import msgspec

from kehu.clean.placeholders import is_placeholder_email
from kehu.clean.text_forms import tidy, word_set

_LOCAL: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}"
_DOMAIN: Final = r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
_PLAIN: Final = re.compile(f"({_LOCAL})@({_DOMAIN})", re.A)
# Written beside other text: "Lin Chen <lin@example.org>", "mailto:lin@example.org".
_WITHIN: Final = re.compile(
    r"([^\s@<>()\[\],;:\"']{1,64})@([^\s@<>()\[\],;:\"'!?/\\]+\.[^\s@<>()\[\],;:\"'!?/\\.]{2,24})"
)

_TAG_DOMAINS: Final = word_set(
    "gmail.com googlemail.com outlook.com hotmail.com live.com icloud.com me.com fastmail.com protonmail.com "
    "proton.me yandex.com zoho.com"
)
_TYPOS: Final = {
    typo: right
    for right, typos in {
        "gmail.com": "gamil.com gmial.com gmai.com gmail.con gmail.co gmail.cm gnail.com gmaill.com gmil.com gmal.com "
        "gmali.com gmail.cn gmail.om ggmail.com",
        "hotmail.com": "hotmial.com hotmai.com hotmail.con hotmail.co hotmil.com hotnail.com hotmal.com homail.com",
        "outlook.com": "outlok.com outloo.com outlook.con outlook.co outllok.com oulook.com outlook.cm",
        "yahoo.com": "yaho.com yahooo.com yahoo.con yhoo.com yahoo.cm",
        "qq.com": "qq.con qq.cm qq.co qqq.com qq.om qq.vom qq.comm qq.coom qq.com.com",
        "163.com": "163.con 163.cm 163.co 163.om 163.cmo 163.comm 1163.com 163.vip.com",
        "126.com": "126.con 126.cm 126.co 126.om 126.comm",
        "139.com": "139.con 139.cm",
        "sina.com": "sina.con sina.cm sian.com",
        "foxmail.com": "foxmail.con foxmai.com foxmial.com",
        "icloud.com": "icloud.con iclod.com icoud.com icloud.co",
        "aliyun.com": "aliyun.con aliyn.com",
    }.items()
    for typo in typos.split()
}


class EmailAddress(msgspec.Struct, frozen=True, gc=False):
    """An e-mail address.

    address: normal form (lower case, IDN domain in Unicode); what to store and to write to. local, domain: its halves.
    match_form: the mailbox it reaches, dots and plus tags dropped where the provider ignores them; only to compare.
    is_disposable: a throw-away provider. suggestion: the address probably meant (gamil.com), "" if none.
    """

    address: str
    local: str
    domain: str
    is_disposable: bool = False
    match_form: str = ""
    suggestion: str = ""

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Read an address, also out of "Name <address>"; None for nothing, a placeholder or what cannot be one."""
        if not text:
            return None
        address = text.lower()
        found = _PLAIN.fullmatch(address)
        if found is None:
            found = _find(text)
            if found is None:
                return None
            address = found[0]
        local, domain = found.groups()
        if not domain.isascii() or "xn--" in domain:
            domain = _unicode_domain(domain)
            address = f"{local}@{domain}"
        if is_placeholder_email(local, domain):
            return None
        match_form = address if domain not in _TAG_DOMAINS else _mailbox(local, domain)
        suggestion = f"{local}@{_TYPOS[domain]}" if domain in _TYPOS else ""
        return cls(address, local, domain, is_disposable_domain(domain), match_form, suggestion)


def _find(text: str) -> re.Match[str] | None:
    value = tidy(text).lower().replace("。", ".").removeprefix("mailto:")
    if " @" in value or "@ " in value:
        value = value.replace(" @", "@").replace("@ ", "@")
    value = value.strip(" .,;:<>()[]\"'")
    return _PLAIN.fullmatch(value) or _WITHIN.search(value)


def _unicode_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").encode("ascii").decode("idna").lower()
    except UnicodeError:
        return domain


def _mailbox(local: str, domain: str) -> str:
    box = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        box, domain = box.replace(".", "") or box, "gmail.com"
    return f"{box}@{domain}"


@cache
def _disposable_domains() -> frozenset[str]:
    path = Path(__file__).with_name("data") / "disposable_domains.txt"
    return frozenset(path.read_text(encoding="utf-8").split())


def is_disposable_domain(domain: str) -> bool:
    """Whether the domain or one it belongs to gives out throw-away mailboxes."""
    known = _disposable_domains()
    if domain in known:
        return True
    while domain.count(".") > 1:
        domain = domain.partition(".")[2]
        if domain in known:
            return True
    return False
