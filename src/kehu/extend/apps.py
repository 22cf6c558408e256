from django.apps import AppConfig


class ExtendConfig(AppConfig):
    name = "kehu.extend"
    label = "extend"

    def ready(self) -> None:
        from kehu.extend.queries import data_class_of
        from kehu.govern.field_policy import use_catalogue

        use_catalogue(data_class_of)
