"""Rows of the search index: documents, counts by facet, and words."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

HIDDEN, EVERYONE = 0, 1
"""Classes of visibility: nobody finds a table that is gone or in a product; a published product everyone does."""


class Document(models.Model):
    """`id` is the table's, or the product's with a minus; neither is a foreign key, which COPY would check row by row.

    Times are text as Glue's in the mirror, in UTC; empty where there is none.
    """

    id = models.BigIntegerField(primary_key=True)
    visibility = models.SmallIntegerField(default=HIDDEN)
    kind = models.CharField(max_length=8, help_text="product, table or view")
    name = models.CharField(max_length=255, help_text="in small letters, to sort by")
    domain = models.BigIntegerField(null=True)
    account = models.BigIntegerField(null=True, help_text="of a table, the one in whose catalog it lies")
    tier = models.CharField(max_length=256, null=True)  # noqa: DJ001 - a product's is never empty, a table's may be none
    region = ArrayField(models.CharField(max_length=30), default=list)
    format = ArrayField(models.CharField(max_length=40), default=list)
    tag = ArrayField(models.TextField(), default=list, help_text="key=value")
    classification = ArrayField(models.CharField(max_length=10), default=list)
    fresh = models.CharField(max_length=40, blank=True)
    is_empty = models.BooleanField(default=False, help_text="a product without tables")
    search = SearchVectorField(null=True, editable=False)
    teams = models.PositiveIntegerField(db_default=0, help_text="that use it: see `catalog.usage.popularity`")
    completeness = models.PositiveSmallIntegerField(
        db_default=0, help_text="0 to 100: see `catalog.search.index.completeness`"
    )

    class Meta:
        # What is hidden is found by nobody, and so is in no index by which anybody finds.
        indexes = [
            GinIndex(
                fields=["search"], name="catalog_document_search", condition=models.Q(visibility=EVERYONE)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class FacetCount(models.Model):
    """In how many documents of a class of visibility a value stands; rows of one value add up, and are folded at times."""

    visibility = models.SmallIntegerField()
    part = models.CharField(max_length=16, help_text="place, total, tier, region, format, tag, day, empty …")
    domain = models.BigIntegerField(null=True)
    account = models.BigIntegerField(null=True)
    value = models.TextField(blank=True)
    documents = models.BigIntegerField()

    class Meta:
        # Folding leaves a long empty table behind, of which few rows are to be read.
        indexes = [models.Index(fields=["visibility"], name="catalog_facetcount_visibility")]

    def __str__(self) -> str:
        return f"{self.part} {self.value}: {self.documents}"


class IndexedWord(models.Model):
    """A word that stands in something that is indexed: see `catalog.search.index.vocabulary`."""

    word = models.TextField(primary_key=True)
    documents = models.PositiveIntegerField(help_text="products and tables that everyone sees")
    trigrams = ArrayField(models.TextField())

    class Meta:
        indexes = [GinIndex(fields=["trigrams"], name="catalog_word_trigrams")]

    def __str__(self) -> str:
        return self.word
