from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "kehu.collect"
    label = "collect"

    def ready(self) -> None:
        from kehu.collect.kept_for import RETENTION
        from kehu.collect.measures import MEASURES
        from kehu.collect.retention import forget_message_ids
        from kehu.collect.subject_store import STORES, run_redaction
        from kehu.collect.subjects import SUBJECTS
        from kehu.core.background import register_chore, register_loop
        from kehu.core.measures import register_measures
        from kehu.core.registries import register_retention, register_store, register_subjects

        register_subjects(*SUBJECTS)
        register_measures(*MEASURES)
        register_chore("message ids", forget_message_ids)
        for store in STORES:
            register_store(store)
        register_retention(*RETENTION)
        register_loop("redaction", run_redaction)
