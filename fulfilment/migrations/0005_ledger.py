"""The ledger: differences found in AWS, and removals that a person ordered. The engine writes the first, people the second."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_finding FROM meshmarket_web;
    GRANT UPDATE (known_at, known_by_id, known_reason) ON fulfilment_finding TO meshmarket_web;
    REVOKE UPDATE, DELETE ON fulfilment_removal FROM meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE DELETE ON fulfilment_finding FROM meshmarket_worker;
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_removal FROM meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_database_roles"),
        ("fulfilment", "0004_silent_accounts"),
        ("identity", "0003_connections_and_checkups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Removal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(db_index=True, help_text="digest of the permission", max_length=64)),
                ("atom", models.JSONField()),
                ("effects", models.JSONField(default=list)),
                ("reason", models.TextField()),
                ("ordered_at", models.DateTimeField()),
                (
                    "catalog",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removals",
                        to="identity.connectedcatalog",
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.event"
                    ),
                ),
                (
                    "intent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removal",
                        to="fulfilment.intent",
                    ),
                ),
                (
                    "ordered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("missing", "missing"),
                            ("fewer_columns", "fewer_columns"),
                            ("filter_changed", "filter_changed"),
                            ("filter_deleted", "filter_deleted"),
                            ("share_gone", "share_gone"),
                            ("table_recreated", "table_recreated"),
                            ("table_deleted", "table_deleted"),
                            ("principal_recreated", "principal_recreated"),
                            ("principal_deleted", "principal_deleted"),
                            ("link_dropped", "link_dropped"),
                            ("link_repointed", "link_repointed"),
                            ("link_name_taken", "link_name_taken"),
                            ("location_deregistered", "location_deregistered"),
                            ("opt_in_removed", "opt_in_removed"),
                            ("more_columns", "more_columns"),
                            ("surplus_ours", "surplus_ours"),
                            ("surplus_foreign", "surplus_foreign"),
                            ("iam_allowed_back", "iam_allowed_back"),
                            ("version_lowered", "version_lowered"),
                        ],
                        max_length=30,
                    ),
                ),
                ("key", models.CharField(help_text="digest of what it is about", max_length=64)),
                ("principal_arn", models.CharField(blank=True, max_length=600)),
                ("database", models.CharField(blank=True, max_length=255)),
                ("table", models.CharField(blank=True, max_length=255)),
                ("text", models.TextField()),
                ("atom", models.JSONField(blank=True, null=True)),
                ("intents", models.JSONField(default=list)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(blank=True, null=True)),
                ("known_at", models.DateTimeField(blank=True, null=True)),
                ("known_reason", models.TextField(blank=True)),
                (
                    "catalog",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="identity.connectedcatalog",
                    ),
                ),
                (
                    "known_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fulfilment.round",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["catalog", "-id"], name="finding_catalog_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gone_at__isnull", True)),
                        fields=("catalog", "key"),
                        name="finding_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("known_at__isnull", True), ("known_by__isnull", True)),
                            models.Q(
                                ("known_at__isnull", False),
                                ("known_by__isnull", False),
                                models.Q(("known_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="finding_known_by_someone",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
