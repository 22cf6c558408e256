from django.apps import AppConfig


class GovernConfig(AppConfig):
    name = "kehu.govern"
    label = "govern"

    def ready(self) -> None:
        from kehu.core.registries import register_subjects
        from kehu.govern import checks  # noqa: F401  (registers the system checks)
        from kehu.govern.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
