from django.apps import AppConfig


class OperateConfig(AppConfig):
    name = "kehu.operate"
    label = "operate"

    def ready(self) -> None:
        from kehu.core.measures import register_measures
        from kehu.operate.measures import MEASURES

        register_measures(*MEASURES)
