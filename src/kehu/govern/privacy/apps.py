from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "kehu.govern.privacy"
    label = "privacy"

    def ready(self) -> None:
        from kehu.core.background import register_chore
        from kehu.core.registries import register_retention, register_store, register_subjects
        from kehu.govern.privacy.kept_for import RETENTION
        from kehu.govern.privacy.own_stores import OWN_STORES
        from kehu.govern.privacy.retention import run_nightly
        from kehu.govern.privacy.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
        for store in OWN_STORES:
            register_store(store)
        register_retention(*RETENTION)
        register_chore("retention", run_nightly)
