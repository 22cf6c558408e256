from django.db import migrations

from kehu.govern.audit_triggers import AUDIT_FUNCTIONS, NO_AUDIT_FUNCTIONS, audit_trigger, no_audit_trigger

# The hot path is not row-audited (the inbox is its log): dead letters and imports tell what people did with them.
TRIGGERS = {
    "govern_user": audit_trigger("govern_user", secrets=("password",), noise=("last_login", "theme")),
    "govern_role": audit_trigger("govern_role"),
    "govern_department": audit_trigger("govern_department"),
    "govern_apitoken": audit_trigger("govern_apitoken", secrets=("secret_hash",), noise=("last_used_at",)),
    "extend_attribute": audit_trigger("extend_attribute"),
    "collect_source": audit_trigger("collect_source", secrets=("write_key",)),
    "collect_import": audit_trigger(
        "collect_import",
        noise=("rows_total", "rows_sent", "rows_repeated", "rows_problem", "finished_at"),
    ),
    "collect_deadletter": audit_trigger("collect_deadletter", on="UPDATE OR DELETE"),
    "resolve_decision": audit_trigger("resolve_decision"),
    "resolve_blockedvalue": audit_trigger("resolve_blockedvalue"),
    "profile_pin": audit_trigger("profile_pin"),
    "profile_assignment": audit_trigger("profile_assignment"),
    "profile_mergeact": audit_trigger("profile_mergeact", noise=("before", "after")),
    "profile_rebuild": audit_trigger("profile_rebuild", noise=("comparison", "offsets")),
}


class Migration(migrations.Migration):
    dependencies = [
        ("govern", "0002_audit_chain_and_rate_counts"),
        ("extend", "0001_first"),
        ("collect", "0001_first"),
        ("resolve", "0001_first"),
        ("profile", "0001_first"),
    ]
    operations = [
        migrations.RunSQL(AUDIT_FUNCTIONS, NO_AUDIT_FUNCTIONS),
        *(migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()),
    ]
