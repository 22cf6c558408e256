"""Whether two organisations are branch and head office, belong together, or look like the same one. Pure.

Nothing here merges anybody: what is found is shown as a relation with its evidence, and people decide. The weights are
set by hand, in bits, on the cases of tests/profile/test_organisations.py: there is no labelled set of Chinese
organisations to learn them from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from kehu.clean.divisions import leading_division
from kehu.profile.organisations.names import own_domain, read_name

BRANCH_OF, SAME_AS, AFFILIATE_OF = "branch_of", "same_as", "affiliate_of"
FOUND_KINDS: Final = (BRANCH_OF, SAME_AS, AFFILIATE_OF)
# Kinds of keys two records are brought together by. A branch meets head offices of its name only, not its sisters.
HEAD, BRANCH, DOMAIN, PHONE, LICENCE = "head", "branch", "domain", "phone", "licence"

_NAME, _SHORT_NAME, _SHORT = 8.0, 5.0, 3
_LICENCE, _OTHER_LICENCE = 20.0, -20.0
_DOMAIN = _PHONE = 6.0
_SUFFIX, _OTHER_SUFFIX = 1.0, -2.0
_REGION, _OTHER_REGION = 2.0, -4.0
SAME_FROM: Final = 8.0
BRANCH_FROM: Final = 5.0


class OrganisationFacts(NamedTuple):
    """What one record says of an organisation; "" where it says nothing."""

    core: str = ""
    branch: str = ""
    suffix: str = ""
    region: str = ""
    domain: str = ""
    phone: str = ""
    licence: str = ""

    @property
    def keys(self) -> set[tuple[str, str]]:
        named = [(BRANCH if self.branch else HEAD, self.core), (DOMAIN, self.domain)]
        return {key for key in (*named, (PHONE, self.phone), (LICENCE, self.licence)) if key[1]}


@dataclass(frozen=True, slots=True)
class Evidence:
    """what: name_core, suffix, region, domain, phone, licence or branch. bits > 0 speak for it."""

    what: str
    value: str
    bits: float


@dataclass(frozen=True, slots=True)
class Found:
    """is_left_first: of a branch, whether the left one is the branch."""

    kind: str
    evidence: tuple[Evidence, ...]
    is_left_first: bool = True

    @property
    def bits(self) -> float:
        return sum(one.bits for one in self.evidence)


def read_facts(attributes: Mapping[str, Mapping[str, Any]]) -> OrganisationFacts:
    """attributes: of one source record, name → {"v": text, "n": normal form}."""

    def said(name: str) -> str:
        return str(attributes.get(name, {}).get("v") or "")

    name = read_name(said("name") or said("company"))
    domain = own_domain(said("website"), said("email"))
    phone = str(attributes.get("phone", {}).get("n") or "")
    licence = "".join(c for c in said("tax_no").upper() if c.isalnum())
    if name is None:
        return OrganisationFacts(domain=domain, phone=phone, licence=licence)
    region = name.place or leading_division(said("address")) or said("city")
    return OrganisationFacts(name.core, name.branch, name.suffix, region, domain, phone, licence)


def compare(left: OrganisationFacts, right: OrganisationFacts) -> Found | None:
    """None where nothing worth showing speaks for a tie."""
    evidence = _evidence(left, right)
    what = {one.what for one in evidence if one.bits > 0}
    if "name_core" in what and bool(left.branch) is not bool(right.branch):
        return _branch(left, right, evidence)
    total = sum(one.bits for one in evidence)
    is_other_firm = any(one.what == "licence" and one.bits < 0 for one in evidence)
    if "licence" in what or (what & {"name_core"} and not is_other_firm and total >= SAME_FROM):
        return Found(SAME_AS, evidence)
    if what & {"domain", "phone"}:
        return Found(AFFILIATE_OF, tuple(one for one in evidence if one.bits > 0))
    return None


def _branch(left: OrganisationFacts, right: OrganisationFacts, evidence: tuple[Evidence, ...]) -> Found | None:
    """A branch lies elsewhere and has papers of its own: neither speaks against it."""
    speaking = tuple(one for one in evidence if one.bits > 0 and one.what not in ("suffix", "region"))
    found = Found(BRANCH_OF, (*speaking, Evidence("branch", left.branch or right.branch, 2.0)), bool(left.branch))
    return found if found.bits >= BRANCH_FROM else None


def _evidence(left: OrganisationFacts, right: OrganisationFacts) -> tuple[Evidence, ...]:
    found = []
    if left.core and left.core == right.core:
        found.append(Evidence("name_core", left.core, _SHORT_NAME if len(left.core) <= _SHORT else _NAME))
        if left.suffix and right.suffix:
            is_same = left.suffix == right.suffix
            found.append(Evidence("suffix", _both(left.suffix, right.suffix), _SUFFIX if is_same else _OTHER_SUFFIX))
    if left.region and right.region:
        is_same = left.region.startswith(right.region) or right.region.startswith(left.region)
        found.append(Evidence("region", _both(left.region, right.region), _REGION if is_same else _OTHER_REGION))
    if left.domain and left.domain == right.domain:
        found.append(Evidence("domain", left.domain, _DOMAIN))
    if left.phone and left.phone == right.phone:
        found.append(Evidence("phone", left.phone, _PHONE))
    if left.licence and right.licence:
        is_same = left.licence == right.licence
        found.append(Evidence("licence", _both(left.licence, right.licence), _LICENCE if is_same else _OTHER_LICENCE))
    return tuple(found)


def _both(left: str, right: str) -> str:
    return left if left == right else " / ".join(sorted((left, right)))
