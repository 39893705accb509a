"""Models of the search index: documents, facet counts, words, and in how many documents they are."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

OWN_FACET_TAGS = ("tier", "confidentiality")
"""Keys of LF-Tags that are facets of their own; the facet `tag` leaves them out."""
HIDDEN, ORGANISATION = 0, 1
"""Visibility: nobody finds a table that is gone or in a product; everyone inside finds a product without a narrower audience.
Other values are a `DataProduct.audience`.
"""
VISIBLE_TO = (
    "{document}visibility > 0 AND {document}visibility = ANY((SELECT catalog_audience(%(person)s))::int8[])"
)
"""Condition on a document for what the person with this id finds; with None, what everyone inside does. The first half leads to
the indexes, which leave out what is hidden.
"""
VISIBLE_INSIDE = f"visibility IN ({ORGANISATION}, 2)"
"""Condition on a document for what everyone inside finds."""
VISIBLE_DOCUMENT = VISIBLE_TO.format(document="d.")
VISIBLE_ROW = VISIBLE_TO.format(document="")


class Document(models.Model):
    """`id` is the table's, or the product's with a minus. `fresh` is a time in the format of Glue's times in the mirror."""

    id = models.BigIntegerField(primary_key=True)
    visibility = models.BigIntegerField(default=HIDDEN)
    kind = models.CharField(max_length=8, help_text="product, table or view")
    name = models.CharField(max_length=255, help_text="in lower case, to sort by")
    domain = models.BigIntegerField(null=True)
    account = models.BigIntegerField(null=True, help_text="of a table, the account of its catalog")
    tier = models.CharField(max_length=256, null=True)  # noqa: DJ001 - a product's is never empty, a table's may be none
    region = ArrayField(models.CharField(max_length=30), default=list)
    format = ArrayField(models.CharField(max_length=40), default=list)
    tag = ArrayField(models.TextField(), default=list, help_text="key=value")
    classification = ArrayField(models.CharField(max_length=10), default=list)
    fresh = models.CharField(max_length=40, blank=True)
    is_empty = models.BooleanField(default=False, help_text="a product without tables")
    search = SearchVectorField(null=True, editable=False)
    teams = models.PositiveIntegerField(db_default=0, help_text="that use it; see `catalog.usage.popularity`")
    completeness = models.PositiveSmallIntegerField(
        db_default=0, help_text="0 to 100; see `catalog.search.index.completeness`"
    )
    quality = models.PositiveSmallIntegerField(
        null=True, help_text="share of the latest quality rules that passed, 0 to 100; none if unknown"
    )
    promise = models.CharField(
        max_length=6, blank=True, db_default="", help_text="kept, broken, or empty where nothing is promised"
    )
    derived = models.PositiveIntegerField(db_default=0, help_text="tables made directly from it")

    class Meta:
        # Nobody finds what is hidden, so it is not in the index.
        indexes = [
            GinIndex(
                fields=["search"], name="catalog_document_search", condition=models.Q(visibility__gt=HIDDEN)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class FacetCount(models.Model):
    """How many documents of a visibility have a value; the sum of all rows of the value, which are joined from time to time."""

    visibility = models.BigIntegerField()
    part = models.CharField(max_length=16, help_text="place, total, tier, region, format, tag, day, empty …")
    domain = models.BigIntegerField(null=True)
    account = models.BigIntegerField(null=True)
    value = models.TextField(blank=True)
    documents = models.BigIntegerField()

    class Meta:
        # Joining rows leaves a long empty table behind, of which few rows are read.
        indexes = [models.Index(fields=["visibility"], name="catalog_facetcount_visibility")]

    def __str__(self) -> str:
        return f"{self.part} {self.value}: {self.documents}"


class IndexedWord(models.Model):
    """A word that something indexed contains; see `catalog.search.index.vocabulary`."""

    word = models.TextField(primary_key=True)
    documents = models.PositiveIntegerField(help_text="visible products and tables that contain it")
    trigrams = ArrayField(models.TextField())

    class Meta:
        indexes = [GinIndex(fields=["trigrams"], name="catalog_word_trigrams")]

    def __str__(self) -> str:
        return self.word


class LexemeCount(models.Model):
    """How many documents that everyone inside may find contain a lexeme: a word as it is, a stem, or a number.

    `catalog_lexeme_documents` adds the changes that are not folded in yet: the sum of its rows is exact.
    """

    lexeme = models.TextField()
    documents = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lexeme"], name="catalog_lexeme_once")]

    def __str__(self) -> str:
        return f"{self.lexeme}: {self.documents}"


class LexemeChange(models.Model):
    """What one statement changed in the count of a lexeme. Without a lexeme: everything must be counted again."""

    lexeme = models.TextField(blank=True)
    documents = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["lexeme"], name="catalog_lexemechange_lexeme")]

    def __str__(self) -> str:
        return f"{self.lexeme}: {self.documents:+}"
