"""Who set up, changed or deleted a webhook is on record; how its messages fare is not worth a row."""

from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

TRIGGER = audit_trigger(
    "feed_webhook",
    secrets=("secret", "old_secret"),
    noise=("failures_in_row", "paused_until", "lease_until", "lease_no", "last_success_at", "last_failure_at"),
)


class Migration(migrations.Migration):
    dependencies = [("feed", "0001_webhooks"), ("govern", "0003_audit_triggers")]
    operations = [migrations.RunSQL(TRIGGER, no_audit_trigger("feed_webhook"))]
