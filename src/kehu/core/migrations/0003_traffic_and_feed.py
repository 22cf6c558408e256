"""Counts of what became of every message, and a position for every event that was handed on."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# One row per minute, source and writer; updated in place, so pages keep room for it.
TRAFFIC = """
CREATE TABLE core_traffic (
    minute timestamptz NOT NULL,
    stage text NOT NULL,
    source_id integer NOT NULL,
    shard smallint NOT NULL,
    received bigint NOT NULL DEFAULT 0,
    deduplicated bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    processed bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    redacted bigint NOT NULL DEFAULT 0,
    latency bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (minute, stage, source_id, shard)
) WITH (fillfactor = 60);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_live_schema_and_cache")]
    operations = [
        migrations.RunSQL(TRAFFIC, "DROP TABLE core_traffic"),
        migrations.AddField("outboxevent", "position", models.BigIntegerField(null=True, unique=True)),
        migrations.RunSQL("CREATE SEQUENCE core_outbox_position", "DROP SEQUENCE core_outbox_position"),
        migrations.CreateModel(
            name="OutboxFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subscriber", models.CharField(max_length=60)),
                ("error", models.TextField()),
                ("attempts", models.PositiveSmallIntegerField(default=1)),
                ("next_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("event", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="core.outboxevent")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("event", "subscriber"), name="outbox_failure_once"),
                ],
            },
        ),
    ]
