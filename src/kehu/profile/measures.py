"""How much of the road needs no person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kehu.core import traffic
from kehu.core.measures import Measure, Sample
from kehu.resolve.models import Decision, ReviewPair

OVER: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Automation:
    """Steps of the last thirty days. A step is a message worked in, a message quarantined for a person to mend, or a
    pair of records a person decides or is still to decide."""

    automatic: int
    manual: int

    @property
    def ratio(self) -> float | None:
        steps = self.automatic + self.manual
        return self.automatic / steps if steps else None


def automation() -> Automation:
    since = timezone.now() - OVER
    tallies = traffic.tallies(since=since).values()
    decided = Decision.objects.filter(created_at__gte=since).count() + ReviewPair.objects.count()
    return Automation(sum(one.processed for one in tallies), sum(one.quarantined for one in tallies) + decided)


def _ratio() -> Iterable[Sample]:
    if (ratio := automation().ratio) is not None:
        yield Sample(round(ratio, 4))


def _review_pairs() -> Iterable[Sample]:
    yield Sample(ReviewPair.objects.count())


MEASURES = (
    Measure("kehu_automation_ratio", _("Automatic steps of all steps, over thirty days"), _ratio),
    Measure("kehu_review_pairs", _("Pairs of records that wait for a person"), _review_pairs),
)
