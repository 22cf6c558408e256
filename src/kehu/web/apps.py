from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "kehu.web"
    label = "web"

    def ready(self) -> None:
        from kehu.core.registries import register_exit
        from kehu.web.pages.customer_card import EXIT

        register_exit(EXIT)
