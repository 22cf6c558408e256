from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "kehu.api"
    label = "api"

    def ready(self) -> None:
        from kehu.api.letting_out import EXIT
        from kehu.core.registries import register_exit

        register_exit(EXIT)
