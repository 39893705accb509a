"""The glossary's rows: words of the business, and what they are linked with. `catalog.search.glossary_terms` finds them in searches."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from identity.people.models import Team


class Term(models.Model):
    """A business term. A search for a synonym finds what the term finds."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80, unique=True)
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

    def __str__(self) -> str:
        return self.name

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
