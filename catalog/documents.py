"""What the search finds: a narrow row for each product and table, and how many say what.

The database keeps both true by itself (`catalog.migrations.0003_documents`): a document follows its table, its
product and their links by triggers, a count its documents. What a document says stands in the view
`catalog_documented`; what it is found by, `search`, is written by `catalog.index` and `catalog.mirror_rows`.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models

HIDDEN, EVERYONE = 0, 1
"""Classes of visibility: nobody finds a table that is gone or in a product; a published product everyone does."""
FOLD_LOCK = 5_207_118

_FOLD = """
WITH taken AS (DELETE FROM catalog_facetcount RETURNING visibility, part, domain, account, value, documents)
INSERT INTO catalog_facetcount (visibility, part, domain, account, value, documents)
SELECT visibility, part, domain, account, value, sum(documents) FROM taken
GROUP BY 1, 2, 3, 4, 5 HAVING sum(documents) <> 0"""


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
    teams = models.PositiveIntegerField(db_default=0, help_text="that use it: see `catalog.popularity`")
    completeness = models.PositiveSmallIntegerField(
        db_default=0, help_text="0 to 100: see `catalog.completeness`"
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


def refresh(ids: list[int]) -> None:
    """Make the documents of these tables, or of products with a minus, say what the catalog says now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_refresh_documents(%s::bigint[])", [ids])


def fold_counts() -> None:
    """Put counts that add up into one row each; who comes while another folds goes on without."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [FOLD_LOCK])
        if cursor.fetchone()[0]:
            try:
                cursor.execute(_FOLD)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [FOLD_LOCK])
