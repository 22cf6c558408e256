from django.apps import AppConfig


class OperateConfig(AppConfig):
    name = "kehu.operate"
    label = "operate"
