from django.apps import AppConfig


class GovernConfig(AppConfig):
    name = "kehu.govern"
    label = "govern"

    def ready(self) -> None:
        from kehu.core.background import register_backup_note
        from kehu.core.registries import register_subjects
        from kehu.core.sealing import SealedColumn, register_sealed
        from kehu.govern import checks, forgotten, sign_ins  # noqa: F401  (checks registers the system checks)
        from kehu.govern.backup_notes import audit_head, erased_records
        from kehu.govern.second_factor import SECOND_FACTOR
        from kehu.govern.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
        register_sealed(SealedColumn("mfa_authenticator", "data", SECOND_FACTOR))
        register_backup_note("audit_head", audit_head)
        register_backup_note("erased", erased_records)
        sign_ins.watch()
