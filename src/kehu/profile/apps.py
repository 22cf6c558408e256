from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "kehu.profile"
    label = "profile"

    def ready(self) -> None:
        from kehu.core.background import register_loop
        from kehu.core.measures import register_measures
        from kehu.core.registries import register_exit, register_store, register_subjects
        from kehu.profile.figures.fields import figure_fields
        from kehu.profile.figures.tasks import work_figures
        from kehu.profile.filters import fields
        from kehu.profile.measures import MEASURES
        from kehu.profile.preferences.fields import preference_fields
        from kehu.profile.screens import services as screens
        from kehu.profile.services import (
            bulk_tags,  # noqa: F401  registers what it does to many
            survivorship,  # noqa: F401  registers its kind of job
            timeline_export,
        )
        from kehu.profile.services.export import EXIT
        from kehu.profile.subject_store import STORES
        from kehu.profile.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
        register_measures(*MEASURES)
        for store in STORES:
            register_store(store)
        fields.register("figures", figure_fields)
        fields.register("preferences", preference_fields)
        register_loop("figures", work_figures)
        register_exit(EXIT)
        register_exit(screens.EXIT)
        register_exit(timeline_export.EXIT)
