"""Rows of requests for credentials, of their secrets until they are collected, and of owners' limits."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.accounts import Principal
from identity.people.models import Person
from identity.service_tokens import ServiceToken
from kernel.engine_columns import EngineColumns
from requests_app.table_credentials.states import CredentialProblem, CredentialState

DEFAULT_MINUTES = 60
MIN_MINUTES, MAX_MINUTES = 15, 360
"""Of a credential, as Lake Formation allows."""


class CredentialLimit(models.Model):
    """How long credentials for a product's tables may last; 0: none are given. `DEFAULT_MINUTES` without a row."""

    product = models.OneToOneField(DataProduct, on_delete=models.PROTECT, related_name="credential_limit")
    minutes = models.PositiveIntegerField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes=0) | Q(minutes__range=(MIN_MINUTES, MAX_MINUTES)),
                name="credential_limit_as_aws_allows",
            )
        ]

    def __str__(self) -> str:
        return f"{self.minutes} minutes for {self.product}"


class TableCredential(EngineColumns):
    """Credentials for the files of a table, requested as a row; a worker gets them as `principal`.

    `seconds` is how long they last at most. `expires_at` is when AWS ends them. `error` is AWS's text.
    """

    ENGINE_COLUMNS = frozenset({"vended_at", "expires_at", "problem", "error"})

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="table_credentials")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="table_credentials")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="table_credentials")
    requested_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    token = models.ForeignKey(
        ServiceToken, null=True, blank=True, on_delete=models.PROTECT, related_name="table_credentials"
    )
    requested_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10,
        choices=CredentialState,
        default=CredentialState.WAITING,
        db_default=CredentialState.WAITING,
    )
    collected_at = models.DateTimeField(null=True, blank=True)
    vended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("when AWS ends them"))
    problem = models.CharField(
        max_length=14, choices=CredentialProblem, blank=True, default="", db_default=""
    )
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(state="waiting"), name="table_credential_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(requested_by__isnull=True, token__isnull=False)
                | Q(requested_by__isnull=False, token__isnull=True),
                name="table_credential_one_caller",
            ),
            models.CheckConstraint(
                condition=Q(seconds__range=(MIN_MINUTES * 60, MAX_MINUTES * 60)),
                name="table_credential_as_aws_allows",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") & ~Q(problem="") | (~Q(state="failed") & Q(problem="")),
                name="table_credential_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"credentials for {self.table}"

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"table_credential:{self.pk}"


class CredentialSecret(models.Model):
    """The secret until it is collected, a minute at most; see `sealing`. The table is unlogged in PostgreSQL."""

    credential = models.OneToOneField(TableCredential, on_delete=models.PROTECT, related_name="secret")
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"secret of {self.credential}"


class CredentialKey(models.Model):
    """What opens the secret. Workers write it, and the web reads it by `requests_release_credential_key` alone, when the secret
    is collected on the record of who requested it. The table is unlogged in PostgreSQL.
    """

    credential = models.OneToOneField(TableCredential, on_delete=models.PROTECT, related_name="key")
    key = models.BinaryField()

    def __str__(self) -> str:
        return f"key of {self.credential}"
