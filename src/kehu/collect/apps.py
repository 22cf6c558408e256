from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "kehu.collect"
    label = "collect"

    def ready(self) -> None:
        from kehu.collect.subjects import SUBJECTS
        from kehu.core.registries import register_subjects

        register_subjects(*SUBJECTS)
