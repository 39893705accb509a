"""Models of account connections and check-ups."""

from django.db import models

from identity.accounts.models import Account
from identity.people.models import Person, Team
from kernel.engine_columns import EngineColumns


class AccountConnection(models.Model):
    """An account on its way into the mesh: registered as an Account when a check-up finds nothing missing."""

    account_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=30)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="connections")
    environment = models.CharField(
        max_length=20, choices=Account.Environment, default=Account.Environment.PRODUCTION
    )
    grants = models.BooleanField(help_text="owns a catalog that others read from")
    in_organisation = models.BooleanField(default=True)
    external_id = models.CharField(max_length=120)
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="connections")
    requested_at = models.DateTimeField()
    registered = models.OneToOneField(Account, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account_id__regex="^[0-9]{12}$"), name="identity_connection_id_12_digits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    def as_account(self) -> Account:
        """The unsaved account. Role names are those of the templates in `deploy/aws`."""
        prefix = f"arn:aws:iam::{self.account_id}:role"
        return Account(
            account_id=self.account_id,
            name=self.name,
            region=self.region,
            team=self.team,
            environment=self.environment,
            is_producer=self.grants,
            is_consumer=True,
            in_organisation=self.in_organisation,
            observer_role_arn=f"{prefix}/meshmarket-observer",
            executor_role_arn=f"{prefix}/meshmarket-executor",
            external_id=self.external_id,
        )


class Checkup(EngineColumns):
    """A check of an account's set-up, requested as a row and done by a worker; see `workers.accounts.checkup`."""

    ENGINE_COLUMNS = frozenset({"finished_at", "findings"})

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="checkups"
    )
    connection = models.ForeignKey(
        AccountConnection, null=True, blank=True, on_delete=models.PROTECT, related_name="checkups"
    )
    requested_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(
        default=list, db_default=[], help_text="[{kind, code, text, remedy}], see lakeformation.checkup.rules"
    )

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(finished_at=None), name="identity_checkup_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account=None, connection__isnull=False)
                | models.Q(account__isnull=False, connection=None),
                name="identity_checkup_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"check-up of {self.account or self.connection}"
