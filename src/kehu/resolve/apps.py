from django.apps import AppConfig


class ResolveConfig(AppConfig):
    name = "kehu.resolve"
    label = "resolve"

    def ready(self) -> None:
        from kehu.core.registries import register_subjects
        from kehu.resolve.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
