"""Who wrote, changed and deleted a comment is on record; what it said is not kept beyond its deletion."""

from django.db import migrations

from kehu.govern.audit_triggers import audit_trigger, no_audit_trigger

TABLE = "teamwork_comment"
HIDDEN = f"{no_audit_trigger(TABLE)}; {audit_trigger(TABLE, secrets=('text',))}"
SHOWN = f"{no_audit_trigger(TABLE)}; {audit_trigger(TABLE)}"


class Migration(migrations.Migration):
    dependencies = [("teamwork", "0001_comments_followers_notifications")]
    operations = [migrations.RunSQL(HIDDEN, SHOWN)]
