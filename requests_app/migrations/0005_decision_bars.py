"""Recent changes of roles bar from every decision, not from those on access requests alone; roles that nobody holds."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0002_functions_and_triggers"),
        ("catalog", "0006_decision_bars"),
        ("identity", "0004_decision_bars"),
        ("requests", "0004_recreated_tables"),
    ]

    operations = [
        migrations.RunSQL((SQL / "decision_bars_0005.sql").read_text()),
        migrations.CreateModel(
            name="RoleVacancy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("event", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.event")),
                ("team", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.team")),
            ],
            options={
                "verbose_name_plural": "role vacancies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("role", "team"), name="role_vacancy_open_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
