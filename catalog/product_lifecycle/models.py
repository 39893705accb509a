"""Deprecations of data products, who may still request them, and their retirements."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import models
from django.db.models import F, Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from catalog.products.may import filter_visible_products, visible_products
from catalog.products.models import DataProduct, ProductLifecycle
from identity.people.may import get_team_ids
from identity.people.models import Person, Team
from kernel.state_transitions import Transitions
from lakeformation.values.canonical_json import digest


class RetirementState(TextChoices):
    SCHEDULED = "scheduled", gettext_lazy("scheduled")
    CALLED_OFF = "called_off", gettext_lazy("cancelled")
    DONE = "done", gettext_lazy("done")


RETIREMENT_TRANSITIONS = Transitions(
    RetirementState, {RetirementState.SCHEDULED: {RetirementState.CALLED_OFF, RetirementState.DONE}}
)


class Deprecation(models.Model):
    """A product that its consumers are to leave. The row stays when it is withdrawn, and when the product is retired."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="deprecations")
    successor = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    reason = models.TextField()
    retires_on = models.DateField(null=True, blank=True, help_text="When it is planned to be retired.")
    deprecated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    deprecated_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(withdrawn_at=None), name="product_deprecated_once"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("product")), name="product_succeeded_by_another"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="product_deprecation_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"deprecation of {self.product}"


class RequestException(models.Model):
    """A person or a team who may request a deprecated product until a time."""

    deprecation = models.ForeignKey(Deprecation, on_delete=models.PROTECT, related_name="exceptions")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason = models.TextField()
    allowed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, team=None) | Q(person=None, team__isnull=False),
                name="request_exception_for_person_or_team",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("allowed_at")), name="request_exception_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"request exception of {self.deprecation} for {self.person or self.team}"


class Retirement(models.Model):
    """A confirmed plan: at `due_at` the product's grants end and it is retired. `planned` are the grants that were
    shown, as `requests_app.product_retirement.plan.PlannedEnd.to_json`.
    """

    deprecation = models.ForeignKey(Deprecation, on_delete=models.PROTECT, related_name="retirements")
    state = models.CharField(max_length=10, choices=RetirementState, default=RetirementState.SCHEDULED)
    due_at = models.DateTimeField()
    planned = models.JSONField()
    scheduled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scheduled_at = models.DateTimeField()
    called_off_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    called_off_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deprecation"],
                condition=Q(state="scheduled"),
                name="product_retirement_scheduled_once",
            ),
            models.CheckConstraint(
                condition=Q(state="scheduled", called_off_at=None, done_at=None)
                | Q(
                    state="called_off", called_off_at__isnull=False, called_off_by__isnull=False, done_at=None
                )
                | Q(state="done", done_at__isnull=False, called_off_at=None),
                name="product_retirement_state_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"retirement of {self.deprecation.product}"


def get_open_deprecation(product: DataProduct) -> Deprecation | None:
    """With its successor; of a retired product, too."""
    if product.deprecated_at is None:
        return None
    return find_open_deprecations([product.pk]).get(product.pk)


def find_open_deprecations(product_ids: Collection[int]) -> dict[int, Deprecation]:
    """By product. One query."""
    rows = Deprecation.objects.filter(product__in=product_ids, withdrawn_at=None)
    related = ("product", "successor__domain", "deprecated_by")
    return {row.product_id: row for row in rows.select_related(*related)}


def find_shown_successors(person: Person, deprecations: Iterable[Deprecation]) -> dict[int, DataProduct]:
    """By the deprecated product, what is to be requested instead: the end of the chain of successors, if it is published and
    the person sees it. No query, but one for each further link of the chains, and one where somebody may not see an end.
    """
    ends = {
        deprecation.product_id: deprecation.successor for deprecation in deprecations if deprecation.successor
    }
    while left := {pk: one.pk for pk, one in ends.items() if one.deprecated_at is not None}:
        onward = find_open_deprecations(left.values())
        named = {pk: onward[at].successor if at in onward else None for pk, at in left.items()}
        ends = {pk: end for pk, one in ends.items() if (end := named.get(pk, one)) is not None}
    ends = {pk: one for pk, one in ends.items() if one.is_published}
    shown = {product.pk for product in filter_visible_products(person, ends.values())}
    return {pk: product for pk, product in ends.items() if product.pk in shown}


def get_scheduled_retirement(product: DataProduct) -> Retirement | None:
    rows = Retirement.objects.filter(
        deprecation__product=product, deprecation__withdrawn_at=None, state=RetirementState.SCHEDULED
    )
    return rows.select_related("scheduled_by", "deprecation").first()


def list_request_exceptions(deprecation: Deprecation) -> QuerySet[RequestException]:
    """Newest first; those that have ended, too."""
    return deprecation.exceptions.select_related("person", "team", "allowed_by", "ended_by").order_by("-pk")


def find_request_refusals(
    product_ids: Collection[int], person: Person, team: Team, now: datetime
) -> dict[int, str]:
    """By product, why the person may not request it for the team: it is deprecated, and no exception is theirs. One query,
    two or three where one is deprecated.
    """
    deprecations = find_open_deprecations(product_ids)
    if not deprecations:
        return {}
    theirs = RequestException.objects.filter(
        Q(person=person) | Q(team=team), deprecation__in=deprecations.values(), until__gt=now, ended_at=None
    )
    allowed = set(theirs.values_list("deprecation__product", flat=True))
    refused = {pk: one for pk, one in deprecations.items() if pk not in allowed}
    successors = find_shown_successors(person, refused.values())
    return {pk: _describe_refusal(one, successors.get(pk)) for pk, one in refused.items()}


def has_request_exception(product: DataProduct, person: Person, now: datetime) -> bool:
    """For the person, or for one of their teams."""
    theirs = Q(person=person) | Q(team__in=get_team_ids(person))
    rows = RequestException.objects.filter(theirs, deprecation__product=product, until__gt=now, ended_at=None)
    return rows.filter(deprecation__withdrawn_at=None).exists()


def _describe_refusal(deprecation: Deprecation, successor: DataProduct | None) -> str:
    words = {"product": deprecation.product.name, "reason": deprecation.reason.rstrip(".")}
    said = _("%(product)s is deprecated and takes no new requests: %(reason)s.") % words
    if successor is None:
        return said
    return f"{said} {_('Request %(successor)s instead.') % {'successor': successor.name}}"


def compute_lifecycle_digest(product: DataProduct) -> str:
    """What a form about the product's life cycle was made from."""
    deprecation, retirement = get_open_deprecation(product), get_scheduled_retirement(product)
    shown = [
        product.pk,
        product.lifecycle,
        deprecation.pk if deprecation else None,
        retirement.pk if retirement else None,
    ]
    return digest(shown)


def list_possible_successors(person: Person, product: DataProduct) -> QuerySet[DataProduct]:
    """Published products that the person may see, by name."""
    rows = visible_products(person).filter(lifecycle=ProductLifecycle.PUBLISHED).exclude(pk=product.pk)
    return rows.select_related("domain").order_by("name", "pk")
