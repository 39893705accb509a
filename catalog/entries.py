"""What the search finds, a row each: a published product, or a live table that is in no product.

Triggers of the database write these rows in the transaction that changes what they are made of (see the migration
`entries_and_their_counts`), so that what is hidden is found no more from that commit on. Nothing else writes them.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """`thing` is the id of a table or product. The text that is shown stays with it; here is what is counted.

    The whole vector lies out of line and the rest is short, so that counting reads little; `names` is the part of
    weight A, by which very many are ranked.
    """

    is_table = models.BooleanField()
    thing = models.BigIntegerField()
    type = models.TextField(help_text="product, table or view")
    name = models.TextField(help_text="in lower case: what it is sorted by")
    domain = models.TextField(null=True)  # noqa: DJ001
    domain_label = models.TextField(null=True)  # noqa: DJ001
    tier = models.TextField(null=True)  # noqa: DJ001
    producer = models.TextField(null=True)  # noqa: DJ001
    producer_label = models.TextField(null=True)  # noqa: DJ001
    owner = models.TextField(null=True)  # noqa: DJ001
    team = models.TextField(null=True)  # noqa: DJ001
    team_label = models.TextField(null=True)  # noqa: DJ001
    region = ArrayField(models.TextField())
    format = ArrayField(models.TextField())
    tag = ArrayField(models.TextField())
    classification = ArrayField(models.TextField())
    fresh = models.TextField(null=True, db_collation="C", help_text="the last change, UTC in ISO 8601")  # noqa: DJ001
    is_empty = models.BooleanField(help_text="a product without a live table: nobody can ask for it")
    completeness = models.FloatField(help_text="the share of what its owner should tell that is told, 0 to 1")
    names = SearchVectorField(null=True)
    search = SearchVectorField(null=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["is_table", "thing"], name="catalog_entry_once")]
        indexes = [
            models.Index(fields=["is_table", "name", "thing"], name="catalog_entry_by_name"),
            models.Index(fields=["is_table", "-thing"], name="catalog_entry_by_age"),
            models.Index(fields=["fresh"], name="catalog_entry_by_freshness"),
            GinIndex(fields=["search"], name="catalog_entry_search", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.name


class FacetCount(models.Model):
    """A change of how many entries have a value of a facet; the sum is how many have it now.

    Appended, so that writers never wait for each other, and put together when there are many.
    """

    facet = models.TextField()
    value = models.TextField()
    label = models.TextField()
    entries = models.IntegerField(help_text="how many more, or fewer")

    def __str__(self) -> str:
        return f"{self.facet} {self.value}: {self.entries:+}"
