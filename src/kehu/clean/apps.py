from django.apps import AppConfig


class CleanConfig(AppConfig):
    name = "kehu.clean"
    label = "clean"
