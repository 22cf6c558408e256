from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "kehu.collect"
    label = "collect"

    def ready(self) -> None:
        from kehu.collect.measures import MEASURES
        from kehu.collect.retention import forget_message_ids
        from kehu.collect.subjects import SUBJECTS
        from kehu.core.background import register_chore
        from kehu.core.measures import register_measures
        from kehu.core.registries import register_subjects

        register_subjects(*SUBJECTS)
        register_measures(*MEASURES)
        register_chore("message ids", forget_message_ids)
