from dataclasses import asdict

from django.db import migrations

from kehu.govern.audit_triggers import ADDRESS_IN_AUDIT, NO_ADDRESS_IN_AUDIT, audit_trigger, no_audit_trigger
from kehu.govern.permissions import ALL
from kehu.govern.shipped_roles import SHIPPED_ROLES

TRIGGERS = {
    table: audit_trigger(table) for table in ("govern_team", "govern_teammember", "govern_territory", "govern_share")
}
GIVEN = {
    "manager": ("customer.share",),
    "rep": ("customer.share",),
    "agent": ("customer.share",),
    "steward": ("customer.share", "token.create"),
    "auditor": ("user.view",),
}


def seed(apps, schema_editor):
    """The founder's role holds whatever there is; roles that came later; new rights of those there were."""
    Role = apps.get_model("govern", "Role")
    shipped = {role.slug: role for role in SHIPPED_ROLES}
    for role in shipped.values():
        fields = asdict(role)
        Role.objects.get_or_create(slug=fields.pop("slug"), defaults=fields)
    Role.objects.filter(slug="administrator").update(permissions=[ALL])
    Role.objects.filter(slug__in=[role.slug for role in SHIPPED_ROLES if role.requires_mfa]).update(requires_mfa=True)
    for slug, permissions in GIVEN.items():
        for role in Role.objects.filter(slug=slug):
            role.permissions = list(dict.fromkeys([*role.permissions, *permissions]))
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("govern", "0006_people_and_access")]
    operations = [
        migrations.RunSQL(ADDRESS_IN_AUDIT, NO_ADDRESS_IN_AUDIT),
        *(migrations.RunSQL(trigger, no_audit_trigger(table)) for table, trigger in TRIGGERS.items()),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
