from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "kehu.govern.privacy"
    label = "privacy"

    def ready(self) -> None:
        from kehu.core.registries import register_subjects
        from kehu.govern.privacy.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
