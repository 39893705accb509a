"""Grants, and the filters of those that give access."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from audit.models import Event
from catalog.mirror.models import Table
from fulfilment.intents.models import Intent, build_stale_filter
from identity.accounts import Principal
from identity.people.models import Person
from requests_app.access_requests.item_targets import build_filter, list_single_table_conditions
from requests_app.access_requests.models import RequestItem
from requests_app.grants.states import GrantState

_STALE_INTENTS = Intent.objects.filter(build_stale_filter(), pk=OuterRef("intent"))
EFFECTIVE_GRANTS = Q(state=GrantState.LIVE) & ~Exists(_STALE_INTENTS)
"""Of grants: those that have not ended, and whose table and reader are still what was agreed to. Another gives nothing."""


def build_single_table_filter() -> Q:
    """Selects grants of one table."""
    return build_filter(list_single_table_conditions(), "item__")


class Grant(models.Model):
    """What was agreed. Its state is the portal's; what AWS holds is its intent's `presence`."""

    item = models.OneToOneField(RequestItem, on_delete=models.PROTECT, related_name="grant")
    intent = models.OneToOneField(Intent, on_delete=models.PROTECT, related_name="grant")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="grants")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="grants")
    effects_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=GrantState, default=GrantState.LIVE)
    granted_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.TextField(blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="live", ended_at__isnull=True)
                | (~Q(state="live") & Q(ended_at__isnull=False)),
                name="grant_ended_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}: {self.item.name} to {self.principal}"
