from django.apps import AppConfig


class TeamworkConfig(AppConfig):
    name = "kehu.teamwork"
    label = "teamwork"

    def ready(self) -> None:
        from kehu.core.background import register_chore
        from kehu.core.bus import subscribe
        from kehu.core.registries import register_subjects
        from kehu.teamwork import hearing
        from kehu.teamwork.services.notifications import forget_notifications
        from kehu.teamwork.services.visits import forget_visits
        from kehu.teamwork.subjects import SUBJECTS

        register_subjects(*SUBJECTS)
        subscribe("notifications of customers", frozenset({hearing.CHANGED}), hearing.hear_of_customers)
        subscribe("notifications of owners", frozenset({hearing.ASSIGNED}), hearing.hear_of_owners)
        subscribe("notifications of jobs", frozenset({hearing.ENDED}), hearing.hear_of_jobs)
        register_chore("notifications", forget_notifications)
        register_chore("recently viewed", forget_visits)
