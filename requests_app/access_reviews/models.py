"""An access review and its items: the grants live in its scope when it started, with a decision on each."""

from django.db import models
from django.db.models import F, Q

from audit.models import Event
from catalog.products.models import DataProduct, Domain
from identity.accounts import Account
from identity.people.models import Person
from requests_app.access_reviews.states import AccessReviewItemState, AccessReviewState


class AccessReview(models.Model):
    """Who started it, its scope, and until when items wait. An empty filter leaves nothing out."""

    name = models.CharField(max_length=120)
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="access_reviews")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    domain = models.ForeignKey(Domain, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    classification = models.CharField(max_length=20, blank=True)
    unused_days = models.PositiveSmallIntegerField(null=True, blank=True)
    key = models.CharField(max_length=64, help_text="Key of the form, so that submitting twice counts once.")
    state = models.CharField(max_length=12, choices=AccessReviewState, default=AccessReviewState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")
    closing_event = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["started_by", "key"], name="access_review_started_once"),
            models.CheckConstraint(condition=Q(due_at__gt=F("started_at")), name="access_review_due_later"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closing_event=None)
                | (~Q(state="open") & Q(closed_at__isnull=False, closing_event__isnull=False)),
                name="access_review_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessReviewItem(models.Model):
    """One grant of an access review. `until` is the earlier end that keeping it gave it."""

    access_review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="lines")
    grant = models.ForeignKey("requests.Grant", on_delete=models.PROTECT, related_name="access_review_items")
    state = models.CharField(max_length=10, choices=AccessReviewItemState, default=AccessReviewItemState.OPEN)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["grant"], condition=Q(state="open"), name="access_review_item_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["access_review", "grant"], name="access_review_item_once"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, event=None)
                | (~Q(state="open") & Q(decided_at__isnull=False, event__isnull=False)),
                name="access_review_item_decided_has_event",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "defaulted", "ended"), decided_by=None)
                | Q(state__in=("kept", "revoked"), decided_by__isnull=False),
                name="access_review_item_kept_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant} in {self.access_review}: {self.state}"
