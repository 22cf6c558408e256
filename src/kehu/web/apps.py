from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "kehu.web"
    label = "web"

    def ready(self) -> None:
        from kehu.core.registries import register_exit
        from kehu.govern.privacy.packages import use_paper
        from kehu.web.pages.customer_card import EXIT
        from kehu.web.paper.setting import set_pdf

        register_exit(EXIT)
        use_paper(lambda summary: set_pdf("subject.typ", summary))
