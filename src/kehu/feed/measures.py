"""How the messages to the outside fare."""

from collections.abc import Iterable

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kehu.core.measures import Measure, Sample
from kehu.feed.models import Delivery


def _deliveries() -> Iterable[Sample]:
    counts = dict(Delivery.objects.exclude(state="delivered").values_list("state").annotate(Count("id")))
    for state in ("pending", "dead"):
        yield Sample(counts.get(state, 0), (("state", state),))


MEASURES = (Measure("kehu_webhook_deliveries", _("Webhook messages that wait or were given up"), _deliveries),)
