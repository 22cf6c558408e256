from django.apps import AppConfig


class OperateConfig(AppConfig):
    name = "kehu.operate"
    label = "operate"

    def ready(self) -> None:
        from kehu.core.background import register_chore, register_loop
        from kehu.core.measures import register_measures
        from kehu.core.sealing import SealedColumn, register_sealed
        from kehu.operate.alerts.telling import SEAL
        from kehu.operate.alerts.watching import forget_alerts, run_alerter
        from kehu.operate.measures import MEASURES

        register_loop("alerter", run_alerter)
        register_chore("alerts", forget_alerts)
        register_measures(*MEASURES)
        register_sealed(SealedColumn("operate_alertroute", "address", SEAL))
