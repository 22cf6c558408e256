"""Imports can be paused and undone; the messages that spoke of something are found by their place in the log."""

from django.db import migrations, models

# Rows lie in the order of the log, so a block-range index answers at no cost for the one who writes them.
BY_PLACE = """
CREATE INDEX messagesubject_by_place ON live.profile_messagesubject USING brin (shard, seq)
WITH (pages_per_range = 32, autosummarize = on);
"""


class Migration(migrations.Migration):
    dependencies = [("collect", "0003_inbox_append_only"), ("profile", "0003_refine")]

    operations = [
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "Uploaded"),
                    ("mapped", "Mapped"),
                    ("running", "Running"),
                    ("paused", "Paused"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("undoing", "Undoing"),
                    ("undone", "Undone"),
                ],
                default="uploaded",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="import", name="is_pausing", field=models.BooleanField(default=False, db_default=False)
        ),
        migrations.AddField(
            model_name="import", name="rows_taken_back", field=models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.AddField(model_name="import", name="undone_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="import", name="undone_by_id", field=models.BigIntegerField(null=True)),
        migrations.AlterField(
            model_name="importproblem", name="field", field=models.CharField(blank=True, default="", max_length=200)
        ),
        migrations.RunSQL(BY_PLACE, "DROP INDEX live.messagesubject_by_place"),
    ]
