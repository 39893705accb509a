"""Requests to owners of the data that a product is made from, and warnings about published products."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.products.models import DataProduct, Domain
from decisions.models import Proposal
from decisions.states import DecisionState

_S = DecisionState


class DerivationRequest(Proposal):
    """Asks the data owners of a domain to let a product be made from its data. What is asked never changes.

    `columns`: [{table, column, input_table, input_column, floor, classification}], by ids and names; an empty input column is the whole
    table, `floor` the class of the input, and `classification` the lowest that the column is to have. `passed_on`: ids of
    products of the domain whose terms don't let them be passed on freely.
    """

    kind_name = "derivation_request"

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="derivation_requests")
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="derivation_requests")
    columns = models.JSONField(default=list)
    passed_on = models.JSONField(default=list)
    reason = models.TextField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day of an approval.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "domain"], condition=Q(state=_S.WAITING), name="derivation_one_waiting"
            ),
            models.CheckConstraint(
                condition=~Q(columns=[], passed_on=[]) & ~Q(reason=""), name="derivation_asks_something"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="derivation_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[_S.WAITING, _S.WITHDRAWN], decided_by=None, decided_at=None)
                | Q(
                    state__in=[_S.APPROVED, _S.REJECTED, _S.ENDED, _S.LAPSED],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="derivation_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[_S.WAITING, _S.APPROVED, _S.REJECTED], ended_at=None, ended_by=None)
                | Q(state__in=[_S.WITHDRAWN, _S.ENDED], ended_at__isnull=False, ended_by__isnull=False)
                | Q(state=_S.LAPSED, ended_at__isnull=False, ended_by=None, ends_on__isnull=False),
                name="derivation_state_says_its_end",
            ),
        ]
        indexes = [
            models.Index(fields=["product"], condition=Q(state=_S.APPROVED), name="derivation_approved"),
            models.Index(fields=["domain"], condition=Q(state=_S.WAITING), name="derivation_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.product} from data of {self.domain}"

    def is_in_force(self, now: datetime) -> bool:
        """Approved, and not past its last day, whether or not a worker has marked it as lapsed."""
        return self.is_approved and not self.is_past(now)

    def is_past(self, now: datetime) -> bool:
        return self.ends_on is not None and self.ends_on < timezone.localdate(now)

    @property
    def input_tables(self) -> set[int]:
        return {column["input_table"] for column in self.columns}


def select_in_force(today: date) -> Q:
    """Requests that `is_in_force`."""
    return Q(state=_S.APPROVED) & (Q(ends_on=None) | Q(ends_on__gte=today))


class DerivationWarning(models.Model):
    """A published product is below the floor of its inputs, or passes on what it may not. `found` is what its owners were told,
    without names: [[table, column, class, floor], …].
    """

    product = models.OneToOneField(DataProduct, on_delete=models.PROTECT, related_name="derivation_warning")
    digest = models.CharField(max_length=64)
    found: Any = models.JSONField(default=list)
    warned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"warning about {self.product}"
