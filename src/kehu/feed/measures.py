"""How the messages to the outside fare."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from kehu.core.measures import Measure, Sample
from kehu.feed.models import Delivery


def _pending() -> Iterable[Sample]:
    yield Sample(Delivery.objects.filter(state=Delivery.State.PENDING).count())


def _dead() -> Iterable[Sample]:
    yield Sample(Delivery.objects.filter(state=Delivery.State.DEAD).count())


MEASURES = (
    Measure("kehu_pending_webhook_deliveries", _("Webhook messages that wait to be sent"), _pending),
    Measure("kehu_dead_webhook_deliveries", _("Webhook messages that were given up"), _dead),
)
