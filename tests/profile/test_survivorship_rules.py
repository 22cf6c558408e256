"""A rule of survivorship is tried over the base before it holds; then everybody's value is chosen by it."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.extend.models import Attribute
from kehu.extend.queries import forget_catalogue
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.profile.models import Customer
from kehu.profile.services import merge_customers, pin_value
from kehu.profile.services.survivorship import change_rule, follow_rule, preview_rule
from kehu.profile.survivorship import Candidate, Rule, choose
from tests.cast import make_actor, make_department
from tests.pipeline.cast import DAY, Road3, road_of


class Context:
    """What a handler needs of the job it runs in."""

    payload = {"attribute": "city"}

    def __init__(self) -> None:
        self.told: list[int] = []

    def checkpoint(self) -> None: ...

    def progress(self, done: int, total: int) -> None:
        self.told.append(done)


@pytest.fixture
def customers(kehu_db: Any) -> Any:
    """Two customers, each with an older city from a trusted source and a newer one from another."""
    forget_catalogue()
    with road_of(kehu_db) as road:
        yield [contested(road, number) for number in range(2)]
    forget_catalogue()


def contested(road: Road3, number: int) -> UUID:
    for source, city, day in (("till", "上海", 0), ("crm", "杭州", 5)):
        body = {
            "external_id": f"{source}-{number}",
            "occurred_at": (DAY + timedelta(days=day)).isoformat(),
            "attributes": {"city": city, "name": f"林晓{'梅兰'[number]}", "phone": f"1358560731{number}"},
        }
        road.send([road.message(source, f"{source}-{number}", body, f"{source}{number}")])
    road.settle()
    found = [one.pk for one in Customer.objects.filter(display_name=f"林晓{'梅兰'[number]}")]
    if len(found) > 1:
        merge_customers(survivor_id=found[0], absorbed_id=found[1], actor=SYSTEM, reason="same")
    return found[0]


def cities() -> set[str]:
    return {str(one.golden["city"]["v"]) for one in Customer.objects.all()}


def test_the_preview_tells_what_would_change_and_changes_nothing(customers: list[UUID]) -> None:
    assert cities() == {"杭州"}
    preview = preview_rule("city", "trust", actor=SYSTEM)
    assert (preview.contested, preview.changed, preview.is_whole) == (2, 2, True)
    assert {(one.before, one.after) for one in preview.samples} == {("杭州", "上海")}
    assert preview_rule("city", "recency", actor=SYSTEM).changed == 0
    assert cities() == {"杭州"}


def test_a_changed_rule_chooses_anew_but_for_what_people_pinned(customers: list[UUID]) -> None:
    pin_value(customers[0], "city", "杭州", actor=SYSTEM)
    assert preview_rule("city", "trust", actor=SYSTEM).changed == 1
    assert change_rule("city", "trust", actor=SYSTEM, seen="recency") is not None
    context = Context()
    assert follow_rule(context) == {"customers": 2}  # type: ignore[arg-type]
    assert context.told == [2]
    assert [Customer.objects.get(pk=one).golden["city"]["v"] for one in customers] == ["杭州", "上海"]


def test_stale_unknown_and_unauthorised_changes_are_refused(db: None) -> None:
    kept = Attribute.objects.get(name="city").rule
    with pytest.raises(VersionConflict):
        change_rule("city", "trust", actor=SYSTEM, seen="completeness")
    with pytest.raises(InvalidInput):
        change_rule("city", "pin", actor=SYSTEM, seen=kept)
    with pytest.raises(NotFound):
        preview_rule("shoe", "trust", actor=SYSTEM)
    manager = make_actor("manager", make_department())
    with pytest.raises(PermissionDenied):
        preview_rule("city", "trust", actor=manager)
    with pytest.raises(PermissionDenied):
        change_rule("city", "trust", actor=manager, seen=kept)
    assert change_rule("city", kept, actor=SYSTEM, seen=kept) is None


def says(value: str, record: int, day: int, *flags: str, trust: int = 50) -> Candidate:
    return Candidate(value, "", UUID(int=record), record, DAY + timedelta(days=day), flags, trust)


@pytest.mark.parametrize(
    ("candidates", "chosen", "flags"),
    [
        ([says("new@a.cn", 1, 9, trust=90), says("old@a.cn", 2, 0, "verified")], "old@a.cn", ("verified",)),
        ([says("a@a.cn", 1, 1, "verified"), says("b@a.cn", 2, 2, "verified"), says("c@a.cn", 3, 3)], "b@a.cn",
         ("verified",)),
        # What the newsletter had confirmed is confirmed for the till that says the same later.
        ([says("a@a.cn", 1, 1, "verified"), says("a@a.cn", 2, 5), says("b@a.cn", 3, 9)], "a@a.cn", ("verified",)),
        # A browser may say what it likes: its claim is no proof.
        ([says("mine@a.cn", 1, 9, "verified", "unverified"), says("his@a.cn", 2, 0)], "his@a.cn", ()),
        ([says("138****0000", 1, 9, "verified", "masked"), says("13800130000", 2, 0)], "13800130000", ()),
        ([says("a@a.cn", 1, 1), says("b@a.cn", 2, 2)], "b@a.cn", ()),
    ],
    ids=["outranks trust and time", "the later of two", "confirmed for all who say it", "a claim", "masked", "none"],
)  # fmt: skip
def test_a_verified_value_outranks_whatever_the_order(
    candidates: list[Candidate], chosen: str, flags: tuple[str, ...]
) -> None:
    for shuffled in permutations(candidates):
        golden = choose(list(shuffled), Rule.VERIFIED)
        assert golden is not None
        assert (golden.v, golden.f, golden.rule) == (chosen, flags, "verified")
