from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "kehu.profile"
    label = "profile"

    def ready(self) -> None:
        from kehu.core.registries import register_subjects
        from kehu.profile.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
