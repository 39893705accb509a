"""Offers: the ways in which the owners of a domain let a data product be used, and who accepted which terms."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.state_transitions import Transitions


class OfferState(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class OfferScope(TextChoices):
    """What can be requested: tables by name; whatever tables a database has, those of later too; LF-Tags."""

    TABLES = "tables", _("tables by name")
    DATABASE = "database", _("all tables of a database, including future ones")
    TAGS = "tags", _("everything with certain LF-Tags")


class DataUse(TextChoices):
    """How data may be used. Lake Formation enforces only `METADATA`; the others rely on the requester."""

    QUERY = "query", _("query")
    METADATA = "metadata", _("metadata only")
    DATA_API = "data_api", _("data API")
    TRAINING = "training", _("train models")
    EXPORT = "export", _("copies outside the lake")


OFFER_TRANSITIONS = Transitions(
    OfferState,
    {
        OfferState.DRAFT: {OfferState.PUBLISHED, OfferState.RETIRED},
        OfferState.PUBLISHED: {OfferState.RETIRED},
    },
)


CLASSIFICATIONS = ("public", "private", "sensitive")


class Offer(models.Model):
    """An offer of a domain for its own tables of a product. Its contents are in its versions."""

    product = models.ForeignKey("catalog.DataProduct", on_delete=models.PROTECT, related_name="offers")
    domain = models.ForeignKey("catalog.Domain", on_delete=models.PROTECT, related_name="offers")

    def __str__(self) -> str:
        return f"offer {self.pk} of {self.product}"


class OfferTerms(models.Model):
    """Terms of use that are accepted before a request. The text never changes; a new text gets the next number."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        verbose_name_plural = "offer terms"
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_terms_number_once"),
            models.CheckConstraint(condition=~Q(text=""), name="offer_terms_say_something"),
        ]

    def __str__(self) -> str:
        return f"terms {self.number} of {self.offer}"


class OfferVersion(models.Model):
    """What may be requested, how it may be used, and for how long. Only its state ever changes: a change of the offer
    is the next version, and requests under this one keep it.

    `automatic`: its publisher approves requests within it, see `requests_app.review.auto_approval`.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=240, blank=True)
    scope = models.CharField(max_length=10, choices=OfferScope)
    database = models.ForeignKey(
        "catalog.Database", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    catalog = models.ForeignKey(
        ConnectedCatalog, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tags = models.JSONField(
        default=dict, blank=True, help_text="LF-Tags: values by key; all keys must match."
    )
    highest_class = models.CharField(max_length=10, choices=[(one, one) for one in CLASSIFICATIONS])
    future_columns = models.BooleanField(
        default=False, help_text="The whole table, including future columns."
    )
    row_template = models.TextField(
        blank=True, default="", help_text="see `lakeformation.values.row_filter_templates`"
    )
    row_values = models.JSONField(default=dict, blank=True, help_text="Values to choose from, by name.")
    uses = ArrayField(models.CharField(max_length=10, choices=DataUse))
    longest_hours = models.PositiveIntegerField()
    terms = models.ForeignKey(
        OfferTerms, null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    automatic = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.DRAFT)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_version_number_once"),
            models.UniqueConstraint(
                fields=["offer", "state"],
                condition=~Q(state="retired"),
                name="offer_version_one_of_a_state",
            ),
            models.CheckConstraint(
                condition=Q(scope="tables", database=None, catalog=None, tags={})
                | Q(scope="database", database__isnull=False, catalog=None, tags={})
                | (Q(scope="tags", database=None, catalog__isnull=False) & ~Q(tags={})),
                name="offer_version_scope",
            ),
            models.CheckConstraint(
                condition=Q(future_columns=False) | Q(highest_class="sensitive"),
                name="offer_version_future_may_be_sensitive",
            ),
            models.CheckConstraint(
                condition=~Q(uses=[]) & Q(longest_hours__gte=1), name="offer_version_gives_something"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None, retired_at=None)
                | Q(
                    state="published", published_at__isnull=False, published_by__isnull=False, retired_at=None
                )
                | Q(state="retired", retired_at__isnull=False, retired_by__isnull=False),
                name="offer_version_state_has_its_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class OfferTable(models.Model):
    """A table that can be requested under a version whose scope is tables."""

    version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="tables")
    table = models.ForeignKey("catalog.Table", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "table"], name="offer_table_once")]

    def __str__(self) -> str:
        return f"{self.table} in {self.version}"


class TermsAcceptance(models.Model):
    """A person's acceptance of terms. It never changes and covers every later request under the same text."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accepted_terms")
    terms = models.ForeignKey(OfferTerms, on_delete=models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField()
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "terms"], name="terms_accepted_once")]

    def __str__(self) -> str:
        return f"{self.terms} accepted by {self.person}"
