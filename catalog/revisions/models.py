"""Revisions of data products."""

from django.db import models
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.state_transitions import Transitions


class RevisionState(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    DISCARDED = "discarded", _("discarded")


REVISION_TRANSITIONS = Transitions(
    RevisionState, {RevisionState.DRAFT: {RevisionState.PUBLISHED, RevisionState.DISCARDED}}
)


class ProductRevision(models.Model):
    """What a product is to say, as `ProductContent.to_json`. `before` is what it said when the revision was published.
    A draft is changed in place, and `edit` counts its changes. A published revision never changes. `schemas` are those of its
    tables when it was published, and `version` and `contract_changes` follow from them: see `catalog.revisions.versions`.
    """

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.DRAFT)
    edit = models.PositiveIntegerField(default=1)
    content = models.JSONField()
    before = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True, help_text="what changes, and why")
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.CharField(max_length=20, blank=True, default="", db_default="")
    schemas = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    contract_changes = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="product_revision_number_once"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(state="draft"), name="product_revision_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False, published_by__isnull=False)
                | (~Q(state="published") & Q(published_at=None, published_by=None)),
                name="product_revision_published_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.product}"
