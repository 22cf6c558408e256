from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "kehu.feed"
    label = "feed"

    def ready(self) -> None:
        from kehu.core.background import register_chore, register_loop
        from kehu.core.bus import subscribe
        from kehu.core.measures import register_measures
        from kehu.core.registries import SubjectKey, SubjectTable, register_subjects
        from kehu.core.sealing import SealedColumn, register_sealed
        from kehu.feed.changes import EVENT
        from kehu.feed.fan_out import queue_deliveries
        from kehu.feed.measures import MEASURES
        from kehu.feed.sending import SEAL, run_sender
        from kehu.feed.services import forget_deliveries

        # Bodies name customers by id; they are forgotten after days.
        register_subjects(
            SubjectTable("feed_delivery", SubjectKey.TRANSIENT, ("created_at",), is_derived=False),
        )
        register_sealed(*(SealedColumn("feed_webhook", column, SEAL) for column in ("secret", "old_secret")))
        subscribe("webhooks", frozenset({EVENT}), queue_deliveries)
        register_loop("webhooks", run_sender)
        register_chore("webhook deliveries", forget_deliveries)
        register_measures(*MEASURES)
