"""Identity keys are unique without regard to case; `identity.keys` normalizes them."""

from pathlib import Path

from django.db import migrations, models
from django.db.models.functions import Lower

SQL = Path(__file__).with_name("sql")
FILES = ("identity_keys_0003", "portal_roles_0003")
TWELVE_DIGITS = models.Q(account_id__regex="^[0-9]{12}$")


class Migration(migrations.Migration):

    dependencies = [("identity", "0002_functions_and_triggers")]

    operations = [
        migrations.RunSQL(
            "\n".join((SQL / f"{name}.sql").read_text() for name in FILES),
            state_operations=[
                migrations.AddConstraint(
                    "person", models.UniqueConstraint(Lower("email"), name="identity_person_email_any_case")
                ),
                migrations.AddConstraint(
                    "person",
                    models.CheckConstraint(
                        condition=models.Q(email__regex="^[!-~]+$"), name="identity_person_email_ascii"
                    ),
                ),
                migrations.AddConstraint(
                    "team", models.UniqueConstraint(Lower("slug"), name="identity_team_slug_any_case")
                ),
                migrations.AddConstraint(
                    "connectedcatalog",
                    models.UniqueConstraint(Lower("short_name"), name="identity_catalog_short_name_any_case"),
                ),
                migrations.AddConstraint(
                    "principal",
                    models.UniqueConstraint(
                        Lower("arn"),
                        condition=models.Q(gone_at__isnull=True),
                        name="identity_principal_live_any_case",
                    ),
                ),
                migrations.RemoveConstraint("account", "identity_account_id_12_digits"),
                migrations.AddConstraint(
                    "account",
                    models.CheckConstraint(condition=TWELVE_DIGITS, name="identity_account_id_12_digits"),
                ),
                migrations.RemoveConstraint("accountconnection", "identity_connection_id_12_digits"),
                migrations.AddConstraint(
                    "accountconnection",
                    models.CheckConstraint(condition=TWELVE_DIGITS, name="identity_connection_id_12_digits"),
                ),
            ],
        )
    ]
