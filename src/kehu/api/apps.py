from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "kehu.api"
    label = "api"

    def ready(self) -> None:
        from kehu import bulk_edits  # noqa: F401  registers what it does to many
        from kehu.api.letting_out import EXIT
        from kehu.core.registries import register_exit

        register_exit(EXIT)
