from django.apps import AppConfig


class CleanConfig(AppConfig):
    name = "kehu.clean"
    label = "clean"

    def ready(self) -> None:
        from kehu.clean.identifier_forms import normal_form
        from kehu.clean.subjects import SUBJECTS
        from kehu.config import config
        from kehu.core.registries import register_subjects, use_address_form

        use_address_form(lambda kind, text: normal_form(kind, text, config.blind_index_key))
        register_subjects(*SUBJECTS)
