from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "kehu.govern.consent"
    label = "consent"

    def ready(self) -> None:
        from kehu.core.registries import register_exit, register_subjects
        from kehu.govern.consent.gate import EXIT
        from kehu.govern.consent.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
        register_exit(EXIT)
