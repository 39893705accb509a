"""Tables that were created again, and the grants that were kept."""

from django.db import models
from django.db.models import Q

from audit.models import Event
from catalog.mirror.models import Table
from identity.people.models import Person
from requests_app.grants.models import Grant
from requests_app.policies.models import PolicyVersion
from requests_app.recreated_tables.states import RecreatedTableState


class RecreatedTable(models.Model):
    """The decision on the grants of earlier tables of the same name. `table` is the one that took their place.

    Made by the workers alone. `by_rule` is the domain's policy that decided it, as its publisher said in advance.
    """

    table = models.OneToOneField(Table, on_delete=models.PROTECT, related_name="recreation")
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=RecreatedTableState, default=RecreatedTableState.OPEN)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by_rule = models.ForeignKey(
        PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    event = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="of the decision"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="recreated_table_decided_by_someone",
                condition=~Q(state__in=["kept", "ended"])
                | Q(decided_by__isnull=False, decided_at__isnull=False, event__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.table)

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"recreated_table:{self.pk}"


class KeptGrant(models.Model):
    """A grant that was bound to the table in the place of `former_table`. Never changed."""

    recreated_table = models.ForeignKey(RecreatedTable, on_delete=models.PROTECT, related_name="kept")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="kept")
    former_table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", help_text="of the decision")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recreated_table", "grant"], name="kept_grant_once")]

    def __str__(self) -> str:
        return f"{self.grant}, kept for {self.recreated_table}"
