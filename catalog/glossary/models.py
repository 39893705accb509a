"""The glossary's rows: words of the business, and what they are linked with. `catalog.search.text_queries` finds them in searches."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from audit.models import Event
from catalog.glossary.states import ProposalState, TermState
from catalog.products.models import Domain
from identity.keys import SlugKeyField
from identity.people.models import Person, Team


class Term(models.Model):
    """A business term of a domain, or of the whole organisation. Once it is approved, a search for a synonym finds what
    the term finds. Readers of a replaced term are led to its successor.
    """

    slug = SlugKeyField(unique=True)
    name = models.CharField(max_length=80)
    domain = models.ForeignKey(Domain, null=True, blank=True, on_delete=models.PROTECT, related_name="terms")
    state = models.CharField(max_length=10, choices=TermState, default=TermState.APPROVED)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces"
    )
    definition = models.TextField()
    synonyms = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Synonyms, separated by commas.",
    )
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="terms")
    keys = ArrayField(
        models.TextField(),
        default=list,
        editable=False,
        help_text="stems of name and synonyms, each with blanks",
    )

    class Meta:
        ordering = ["name"]
        indexes = [GinIndex(fields=["keys"], name="catalog_term_keys")]
        constraints = [
            models.UniqueConstraint(Lower("slug"), name="catalog_term_slug_any_case"),
            models.UniqueConstraint(
                Lower("name"), "domain", nulls_distinct=False, name="catalog_term_name_once_in_domain"
            ),
            models.CheckConstraint(
                condition=Q(state="replaced", replaced_by__isnull=False)
                | (~Q(state="replaced") & Q(replaced_by=None)),
                name="catalog_term_replaced_by_another",
            ),
            models.CheckConstraint(condition=~Q(replaced_by=F("pk")), name="catalog_term_not_its_successor"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name with its domain, which may be needed to tell two terms apart."""
        return f"{self.name} ({self.domain.name})" if self.domain else self.name

    @property
    def names(self) -> list[str]:
        """Name and synonyms, in the order of `keys`."""
        return [self.name, *self.synonyms]


class TermLink(models.Model):
    """A link from a term to a product, a table or a column."""

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="links")
    product = models.ForeignKey(
        "catalog.DataProduct", null=True, blank=True, on_delete=models.PROTECT, related_name="term_links"
    )
    table = models.ForeignKey(
        "catalog.Table", null=True, blank=True, on_delete=models.PROTECT, related_name="term_links"
    )
    column = models.CharField(
        max_length=255, blank=True, help_text="Column of the table. Leave empty for the whole table."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, table__isnull=True, column="")
                | Q(product__isnull=True, table__isnull=False),
                name="catalog_term_link_one_end",
            ),
            models.UniqueConstraint(
                fields=["term", "product", "table", "column"],
                nulls_distinct=False,
                name="catalog_term_link_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}: {self.product or self.table}"


class TermProposal(models.Model):
    """A new term that somebody proposes, or a change to one. `content` is what the term is to say as
    `TermContent.to_json`; `before` is what it said when the change was proposed. A new term has none until it is approved.
    """

    term = models.ForeignKey(Term, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    content = models.JSONField()
    before = models.JSONField(default=dict, blank=True)
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="term_proposals")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None)
                | Q(state="withdrawn", decided_at__isnull=False, decided_by=None)
                | Q(state__in=["approved", "rejected"], decided_at__isnull=False, decided_by__isnull=False),
                name="catalog_term_proposal_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(term__isnull=False),
                name="catalog_term_proposal_approved_has_term",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}: {self.content.get('name', '')}"


class TermRevision(models.Model):
    """A change of a term, for good: what it said before and after, by whom and why. `proposal` is what was approved."""

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField()
    note = models.TextField(blank=True, help_text="what changes, and why")
    proposal = models.ForeignKey(
        TermProposal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "number"], name="catalog_term_revision_number_once")
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.term}"
