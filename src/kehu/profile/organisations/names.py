"""An organisation's name with its branch set apart, and the domain it answers at. Pure."""

import re
from typing import Final, NamedTuple

from kehu.clean.company_names import CompanyName
from kehu.clean.divisions import leading_division
from kehu.clean.text_forms import to_simplified, word_set

# 腾讯科技有限公司上海分公司, 招商银行杭州分行, 海底捞火锅(中关村店); Acme Ltd, Shanghai Branch.
_BRANCH: Final = (
    re.compile(
        r"^(?P<head>.+?(?:公司|集团|厂))(?P<branch>[\u4e00-\u9fff]{2,10}?(?:分公司|办事处|营业部|分厂|分店|分部))$"
    ),
    re.compile(r"^(?P<head>[\u4e00-\u9fff]{2,20}?银行(?:股份有限公司)?)(?P<branch>[\u4e00-\u9fff]{2,12}?[分支]行)$"),
    re.compile(r"^(?P<head>[^()（）]{2,}?)[(（](?P<branch>[^()（）]{2,12}(?:店|分公司|分校|院区|校区))[)）]$"),
    re.compile(r"^(?P<head>.{2,}?)\s*[,–—-]\s*(?P<branch>[^,–—]{2,30}\s(?:branch|office))$", re.I),
    re.compile(r"^(?P<head>.{2,})\s+(?P<branch>\S+\s+(?:branch|office))$", re.I),
)
_TWO_PARTS: Final = word_set("com net org gov edu co ac")
_NOT_THEIR_OWN: Final = word_set(
    "qq.com vip.qq.com 163.com 126.com 139.com 189.cn yeah.net sina.com sina.cn sohu.com foxmail.com aliyun.com "
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com aol.com gmx.de "
    "web.de mail.com mail.ru yandex.ru proton.me protonmail.com example.com example.org example.net example.cn "
    "taobao.com tmall.com 1688.com alibaba.com jd.com weibo.com weixin.qq.com wechat.com xiaohongshu.com douyin.com "
    "facebook.com instagram.com linkedin.com twitter.com x.com wixsite.com wordpress.com github.io"
)
_HOST: Final = re.compile(
    r"^(?:[a-z][a-z0-9+.\-]*://)?(?:[^/@\s]*@)?(?:www\.)?([a-z0-9\-]+(?:\.[a-z0-9\-]+)+)", re.A | re.I
)


class OrganisationName(NamedTuple):
    """core: the name without place, legal form and branch, to compare. branch "" = not the name of a branch."""

    core: str
    place: str
    suffix: str
    branch: str


def read_name(text: str) -> OrganisationName | None:
    """None for a name that says nothing."""
    plain = to_simplified(text.strip())
    head, branch = plain, ""
    for pattern in _BRANCH:
        if (found := pattern.match(plain)) is not None:
            head, branch = found["head"].strip(" ,-"), found["branch"].strip()
            break
    name = CompanyName.parse(head)
    if name is None or len(name.key) < 2:
        return None
    return OrganisationName(name.key, name.place or leading_division(branch), name.suffix, branch)


def own_domain(website: str, email: str) -> str:
    """The domain an organisation answers at, by its website or its mail; "" for providers of mail and shops."""
    for text in (website, email.rpartition("@")[2] if "@" in email else ""):
        found = _HOST.match(text.strip().lower())
        if found is None:
            continue
        labels = found[1].split(".")
        domain = ".".join(labels[-3:] if len(labels) > 2 and labels[-2] in _TWO_PARTS else labels[-2:])
        if domain not in _NOT_THEIR_OWN and not domain.replace(".", "").isdigit():
            return domain
    return ""
