"""Rows of schema updates."""

from django.db import models
from django.db.models import Q

from catalog.mirror.models import Table
from catalog.registrations.models import Registration
from decisions.models import Proposal
from fulfilment.intents.models import Intent
from identity.people.models import Person


class SchemaUpdate(Proposal):
    """Other columns or another storage for a registered table, as its `source` in the producer's catalog has them. What it
    holds never changes. Nobody requests it.

    `changes` are `TableChange.to_json` of `replaces` and `columns`, and of both storages. `storage` is as a registration keeps
    it, and empty where the registration has none; `replaces_storage` is empty where it stays the same. Without a breaking one it is carried out by itself,
    else by the word of a data owner. `table_intent` takes the place of `replaced_intent`.
    """

    kind_name = "schema_update"

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="schema_updates")
    source = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="+")
    columns = models.JSONField()
    replaces = models.JSONField()
    storage = models.JSONField(default=dict)
    replaces_storage = models.JSONField(default=dict)
    changes = models.JSONField()
    is_breaking = models.BooleanField()
    requested_by = models.ForeignKey(  # type: ignore[assignment]
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    table_intent = models.OneToOneField(
        Intent, null=True, blank=True, on_delete=models.PROTECT, related_name="schema_update"
    )
    replaced_intent = models.OneToOneField(
        Intent, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(state="waiting"), name="schema_update_one_open"
            ),
            models.CheckConstraint(
                name="schema_update_breaking_by_a_person",
                condition=~Q(state="approved") | Q(is_breaking=False) | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="schema_update_approved_with_intent",
                condition=Q(
                    state="approved",
                    event__isnull=False,
                    decided_at__isnull=False,
                    table_intent__isnull=False,
                    replaced_intent__isnull=False,
                )
                & ~Q(effects_hash="")
                | Q(
                    state__in=["waiting", "rejected", "lapsed"],
                    table_intent=None,
                    replaced_intent=None,
                    effects_hash="",
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.registration)

    @property
    def is_waiting(self) -> bool:
        """Not once its registration has ended."""
        return super().is_waiting and self.registration.is_approved
