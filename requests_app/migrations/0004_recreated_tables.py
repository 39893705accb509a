"""Decisions on tables that were created again, and the grants that are kept."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0002_functions_and_triggers"),
        ("catalog", "0004_tables_of_no_domain"),
        ("fulfilment", "0005_recreated_tables"),
        ("requests", "0003_data_of_no_domain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RecreatedTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("found_at", models.DateTimeField()),
                ("state", models.CharField(choices=[("open", "waits for a decision"), ("kept", "grants kept"), ("ended", "grants ended"), ("lapsed", "nothing left to decide")], default="open", max_length=10)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("comment", models.TextField(blank=True)),
                ("by_rule", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="requests.policyversion")),
                ("decided_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("event", models.OneToOneField(blank=True, help_text="of the decision", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.event")),
                ("table", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="recreation", to="catalog.table")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["kept", "ended"]), _negated=True) | models.Q(("decided_at__isnull", False), ("decided_by__isnull", False), ("event__isnull", False)),
                        name="recreated_table_decided_by_someone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.ForeignKey(help_text="of the decision", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.event")),
                ("former_table", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.table")),
                ("grant", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="kept", to="requests.grant")),
                ("recreated_table", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="kept", to="requests.recreatedtable")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("recreated_table", "grant"), name="kept_grant_once")],
            },
        ),
        migrations.RunSQL((SQL / "recreated_tables_0004.sql").read_text()),
    ]
