"""The mirror of Glue and the data products published from it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from identity.models import ConnectedCatalog, Person, Team


class Classification(models.TextChoices):
    """Carried in AWS by the LF-Tag `confidentiality`; the order is the order of care."""

    PUBLIC = "public", "public"
    PRIVATE = "private", "private"
    SENSITIVE = "sensitive", "sensitive"


class Domain(models.Model):
    """A business area. Its owner team answers for its products."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    line_of_business = models.CharField(max_length=80, blank=True)
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="domains")

    def __str__(self) -> str:
        return self.name


class Database(models.Model):
    """A Glue database as mirrored. A vanished one is kept as a tombstone."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="databases")
    domain = models.ForeignKey(
        Domain, null=True, blank=True, on_delete=models.PROTECT, related_name="databases"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    location = models.CharField(max_length=1024, blank=True)
    tags = models.JSONField(default=dict, help_text="LF-Tags, assigned")
    glue_created_at = models.CharField(
        max_length=40, help_text="identity: Glue's CreateTime in UTC, ISO 8601"
    )
    digest = models.CharField(max_length=64)
    tombstoned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "name"],
                condition=Q(tombstoned_at__isnull=True),
                name="catalog_database_one_live",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Table(models.Model):
    """A Glue table as mirrored; `glue_created_at` is its identity: a table made anew is another row."""

    database = models.ForeignKey(Database, on_delete=models.PROTECT, related_name="tables")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=40, blank=True, help_text="Glue's TableType")
    description = models.TextField(blank=True)
    owner = models.CharField(max_length=255, blank=True)
    location = models.CharField(max_length=1024, blank=True)
    data_format = models.CharField(max_length=40, blank=True)
    parameters = models.JSONField(default=dict)
    tags = models.JSONField(default=dict, help_text="LF-Tags in force on the table: assigned or inherited")
    classification = models.CharField(max_length=10, choices=Classification, blank=True)
    glue_created_at = models.CharField(max_length=40)
    glue_version = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=64)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    mirrored_at = models.DateTimeField()
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["database", "name"],
                condition=Q(tombstoned_at__isnull=True),
                name="catalog_table_one_live",
            )
        ]
        indexes = [GinIndex(fields=["search"], name="catalog_table_search")]

    def __str__(self) -> str:
        return f"{self.database.name}.{self.name}"


class Column(models.Model):
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="columns")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    type = models.TextField()
    comment = models.TextField(blank=True)
    is_partition_key = models.BooleanField(default=False)
    tags = models.JSONField(default=dict, help_text="LF-Tags in force on the column")
    classification = models.CharField(max_length=10, choices=Classification, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["table", "name"], name="catalog_column_once")]

    def __str__(self) -> str:
        return self.name


class DataProduct(models.Model):
    """What a domain publishes: tables with words, an owner and terms."""

    class Tier(models.TextChoices):
        BRONZE = "bronze", "bronze"
        SILVER = "silver", "silver"
        GOLD = "gold", "gold"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)
    summary = models.CharField(max_length=240)
    description = models.TextField(blank=True)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="products")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="products")
    tier = models.CharField(max_length=10, choices=Tier, default=Tier.GOLD)
    keywords = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tables = models.ManyToManyField(Table, through="ProductTable", related_name="products")
    refresh = models.CharField(max_length=60, blank=True, help_text="in words: hourly, each working day …")
    is_published = models.BooleanField(default=True)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        indexes = [GinIndex(fields=["search"], name="catalog_product_search")]

    def __str__(self) -> str:
        return self.name


class ProductTable(models.Model):
    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="product_tables")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="product_tables")
    position = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "table"], name="catalog_product_table_once")
        ]

    def __str__(self) -> str:
        return f"{self.table} in {self.product}"


class IndexedWord(models.Model):
    """A word that stands in something that is indexed: see `catalog.vocabulary`."""

    word = models.TextField(primary_key=True)
    documents = models.PositiveIntegerField(help_text="products and tables that everyone sees")
    trigrams = ArrayField(models.TextField())

    class Meta:
        indexes = [GinIndex(fields=["trigrams"], name="catalog_word_trigrams")]

    def __str__(self) -> str:
        return self.word


class SyncRun(models.Model):
    """One reading of a catalog into the mirror."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="sync_runs")
    requested_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    databases = models.PositiveIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    tombstoned = models.PositiveIntegerField(default=0)
    principals = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["catalog", "-id"], name="catalog_sync_latest")]

    def __str__(self) -> str:
        return f"sync {self.pk} of {self.catalog}"
