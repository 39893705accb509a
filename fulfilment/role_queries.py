"""Test queries, run through Athena as the role of a grant."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.people.models import Person
from kernel.engine_columns import EngineColumns


class TestQuery(EngineColumns):
    """One column that the grant gives and one that it does not, each queried through Athena as the grant's role.

    People ask; the workers start both queries and look at how they ended. What a query reads stays with Athena, in the
    role's own account. `refused_column` is empty where the grant gives them all.
    """

    __test__ = False  # not a test class, whatever pytest makes of its name

    class Outcome(models.TextChoices):
        PROVEN = "proven", _("can read what was granted and nothing else")
        CONTRADICTED = "contradicted", _("reads less or more than was granted")
        NOT_TRUSTED = "not_trusted", _("the role does not let the workers in")
        FAILED = "failed", _("the queries could not be run")

    ENGINE_COLUMNS = frozenset({"allowed_execution", "refused_execution", "finished_at", "outcome", "text"})

    intent = models.ForeignKey("fulfilment.Intent", on_delete=models.PROTECT, related_name="role_queries")
    generation = models.PositiveIntegerField()
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    database = models.CharField(max_length=255, help_text="As the role's own account knows it.")
    table = models.CharField(max_length=255)
    allowed_column = models.CharField(max_length=255)
    refused_column = models.CharField(max_length=255, blank=True)
    allowed_execution = models.CharField(
        max_length=128, blank=True, default="", db_default="", help_text="Query id in Athena."
    )
    refused_execution = models.CharField(max_length=128, blank=True, default="", db_default="")
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="", db_default="")
    text = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["intent", "-id"], name="role_query_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["intent"], condition=Q(finished_at__isnull=True), name="role_query_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, outcome="")
                | Q(finished_at__isnull=False) & ~Q(outcome=""),
                name="role_query_ends_with_an_outcome",
            ),
        ]
        verbose_name_plural = "role queries"

    def __str__(self) -> str:
        return f"{self.allowed_column} of {self.database}.{self.table} for intent {self.intent_id}"
