"""Valves and holds: changes that wait for a person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.accounts import Account, ConnectedCatalog
from identity.people.models import Person


class Valve(models.Model):
    """A stop that a person set, for everything or one account: of all calls, or of removals beyond a share."""

    account = models.OneToOneField(
        Account, null=True, blank=True, on_delete=models.PROTECT, help_text="Leave empty for all accounts."
    )
    closed = models.BooleanField(default=True)
    most_removed = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Percent. If a run would remove more than this share of the permissions of grants, the removals are put on hold.",
    )
    always_removed = models.PositiveIntegerField(
        default=10, help_text="This number of removals per run is always allowed, whatever their share."
    )
    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        state = "closed" if self.closed else "open"
        if not self.closed and self.most_removed is not None:
            state = f"open, removals up to {self.most_removed} %"
        return f"{self.account or 'everything'}: {state}"


class Hold(models.Model):
    """Something waits for a person: what, why and since when; and how it ended, on whose word.

    A column is one that came to a table whose grant takes in later ones as soon as they are classified: AWS does not
    open it before. Removals are those of a scope that a valve keeps back. The engine opens a hold and ends it where
    it has become idle; a person, or the class that a steward gave, lets a column in.
    """

    class Kind(models.TextChoices):
        COLUMN = "column", _("New column")
        REMOVALS = "removals", _("Many removals at once")

    class End(models.TextChoices):
        RELEASED = "released", _("released by a person")
        CLASSIFIED = "classified", _("released after classification")
        LET_THROUGH = "let_through", _("no longer held by a write control")
        IDLE = "idle", _("the column or the grant no longer exists")

    kind = models.CharField(max_length=10, choices=Kind)
    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="holds")
    scope_key = models.CharField(max_length=80)
    intent = models.ForeignKey(
        "fulfilment.Intent", null=True, blank=True, on_delete=models.PROTECT, related_name="holds"
    )
    database = models.CharField(max_length=255, blank=True)
    table = models.CharField(max_length=255, blank=True)
    column = models.CharField(max_length=255, blank=True, help_text="In lower case, as AWS lists it.")
    text = models.TextField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=12, choices=End, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True, help_text="Reason of the person who released it.")

    class Meta:
        indexes = [models.Index(fields=["catalog", "-id"], name="hold_catalog_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["intent", "column"],
                condition=Q(kind="column", ended_at__isnull=True),
                name="hold_column_open_once",
            ),
            models.UniqueConstraint(
                fields=["scope_key"],
                condition=Q(kind="removals", ended_at__isnull=True),
                name="hold_removals_open_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="column", intent__isnull=False) & ~Q(column="")
                | Q(kind="removals", intent__isnull=True, column=""),
                name="hold_of_column_or_removals",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="") | Q(ended_at__isnull=False) & ~Q(ended_as=""),
                name="hold_end_says_how",
            ),
            models.CheckConstraint(
                condition=Q(ended_as="released", ended_by__isnull=False) & ~Q(reason="")
                | ~Q(ended_as="released") & Q(ended_by__isnull=True),
                name="hold_released_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.text
