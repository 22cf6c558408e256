"""The rules an installation starts with, and their trail."""

from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

MINUTES, GIB = 60, 1024**3
# name, measure, comparison, threshold, for so many seconds, severity
RULES = (
    ("A source is more than 5 minutes behind", "kehu_lag_seconds", "above", 5 * MINUTES, 0, "critical"),
    ("Messages are unaccounted for", "kehu_unexplained_messages", "above", 0, 2 * MINUTES, "critical"),
    ("More was settled than came in", "kehu_unexplained_messages", "below", 0, 2 * MINUTES, "critical"),
    ("The disk is filling up", "kehu_disk_free_bytes", "below", 5 * GIB, MINUTES, "critical"),
    ("Jobs wait", "kehu_job_wait_seconds", "above", 10 * MINUTES, MINUTES, "warning"),
    ("Jobs failed", "kehu_failed_jobs", "above", 0, 0, "warning"),
    ("Events are not handed on", "kehu_outbox_lag_seconds", "above", 5 * MINUTES, 0, "warning"),
    ("Many dead letters", "kehu_open_dead_letters", "above", 1000, 5 * MINUTES, "warning"),
    ("Webhook messages were given up", "kehu_dead_webhook_deliveries", "above", 0, 0, "warning"),
    ("No backup for two days", "kehu_backup_age_seconds", "above", 48 * 60 * MINUTES, 0, "critical"),
)
TRIGGERS = {
    "operate_alertrule": audit_trigger("operate_alertrule"),
    "operate_alertroute": audit_trigger("operate_alertroute", secrets=("address",), noise=("last_error",)),
    "operate_alertsilence": audit_trigger("operate_alertsilence"),
}


def ship(apps, schema_editor):
    rule = apps.get_model("operate", "AlertRule")
    for name, measure, comparison, threshold, for_seconds, severity in RULES:
        rule.objects.get_or_create(
            name=name,
            is_shipped=True,
            defaults={
                "measure": measure,
                "comparison": comparison,
                "threshold": threshold,
                "for_seconds": for_seconds,
                "severity": severity,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("operate", "0001_alerts"), ("govern", "0003_audit_triggers")]
    operations = [
        migrations.RunPython(ship, migrations.RunPython.noop),
        *(migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()),
    ]
