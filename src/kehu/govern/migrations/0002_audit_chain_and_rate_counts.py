from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("govern", "0001_first")]
    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("period", models.BigIntegerField()),
                ("count", models.IntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="auditentry",
            name="chain_no",
            field=models.BigIntegerField(null=True, unique=True),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(condition=models.Q(("chain_no__isnull", True)), fields=["id"], name="audit_unchained"),
        ),
    ]
