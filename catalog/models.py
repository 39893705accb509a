"""The mirror of Glue and the data products published from it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from catalog import (
    alterations,  # noqa: F401 - Django looks for models here
    beginnings,  # noqa: F401 - Django looks for models here
    documents,  # noqa: F401 - Django looks for models here
    ranking,  # noqa: F401 - Django looks for models here
    searches,  # noqa: F401 - Django looks for models here
    terms,  # noqa: F401 - Django looks for models here
    trails,  # noqa: F401 - Django looks for models here
)
from catalog.offers import models as offers  # noqa: F401
from identity.accounts.models import ConnectedCatalog
from identity.people.models import Person, Team


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
    decide_within_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="by when its owners promise to decide; empty: as the site does; 0: nothing is promised",
    )

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
    parameters = models.JSONField(default=dict)
    tags = models.JSONField(default=dict, help_text="LF-Tags, assigned")
    flags = ArrayField(
        models.CharField(max_length=12), default=list, help_text="see `catalog.snapshot.FLAGS`"
    )
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
    made_by = models.CharField(
        max_length=2048,
        blank=True,
        help_text="Glue's CreatedBy: who holds everything on it without a permission",
    )
    location = models.CharField(max_length=1024, blank=True)
    data_format = models.CharField(max_length=40, blank=True)
    parameters = models.JSONField(default=dict)
    storage = models.JSONField(default=dict, help_text="reader, writer, serde, buckets and sort order")
    view = models.JSONField(
        default=dict, help_text="of a view: text, definer, what it reads; empty for a table"
    )
    flags = ArrayField(
        models.CharField(max_length=12), default=list, help_text="see `catalog.snapshot.FLAGS`"
    )
    tags = models.JSONField(default=dict, help_text="LF-Tags in force on the table: assigned or inherited")
    classification = models.CharField(max_length=10, choices=Classification, blank=True)
    classes = ArrayField(
        models.CharField(max_length=10, choices=Classification),
        default=list,
        help_text="each classification of the table or a column of it, once: for the search, which reads no columns",
    )
    glue_created_at = models.CharField(max_length=40)
    glue_version = models.CharField(max_length=40, blank=True)
    glue_updated_at = models.CharField(max_length=40, blank=True)
    iceberg_uuid = models.CharField(max_length=64, blank=True, help_text="identity too, where it is known")
    digest = models.CharField(max_length=64)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    succeeded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, help_text="of a tombstone: its new name"
    )
    mirrored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["database", "name"],
                condition=Q(tombstoned_at__isnull=True),
                name="catalog_table_one_live",
            )
        ]

    def __str__(self) -> str:
        return f"{self.database.name}.{self.name}"


class Column(models.Model):
    """Written by `catalog.mirror_rows` alone, in one transaction with its table, which is never deleted.

    So its key needs no check in the database, a quarter of what writing a table costs; the unique constraint
    is the index that finds a table's columns.
    """

    table = models.ForeignKey(
        Table, on_delete=models.PROTECT, related_name="columns", db_index=False, db_constraint=False
    )
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


class SchemaChange(models.Model):
    """What differed between two readings of one table; see `catalog.schema_changes`."""

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="schema_changes")
    seen_at = models.DateTimeField()
    version_before = models.CharField(max_length=40, blank=True)
    version_after = models.CharField(max_length=40, blank=True)
    is_breaking = models.BooleanField()
    changes = models.JSONField(help_text="a list of {what, name, before, after, breaking}")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.table_id} at {self.seen_at:%Y-%m-%d %H:%M}"


class ResourceLink(models.Model):
    """A link in a catalog to a database or table elsewhere; presentation, and no table of its own."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="links")
    database = models.CharField(max_length=255, blank=True, help_text="where a table's link lies")
    name = models.CharField(max_length=255)
    target_catalog = models.CharField(max_length=300, help_text="account, with the path of a nested catalog")
    target_region = models.CharField(max_length=30, blank=True)
    target_database = models.CharField(max_length=255)
    target_table = models.CharField(max_length=255, blank=True)
    leads_to_database = models.ForeignKey(Database, null=True, blank=True, on_delete=models.PROTECT)
    leads_to_table = models.ForeignKey(Table, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalog", "database", "name"], name="catalog_link_once")
        ]

    def __str__(self) -> str:
        return ".".join(filter(None, [self.database, self.name]))


class Location(models.Model):
    """An S3 path that is registered with Lake Formation in a catalog's account and region."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="locations")
    arn = models.CharField(max_length=1200)
    role_arn = models.CharField(max_length=300, blank=True)
    is_hybrid = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalog", "arn"], name="catalog_location_once")]

    def __str__(self) -> str:
        return self.arn


class SyncSettings(models.Model):
    """How one catalog is read; without a row the defaults hold."""

    catalog = models.OneToOneField(ConnectedCatalog, on_delete=models.PROTECT, related_name="sync_settings")
    pause_percent = models.PositiveSmallIntegerField(
        default=20,
        help_text="a sync in which more than this share of the tables would vanish waits for a person",
    )
    events_queue_url = models.CharField(
        max_length=512,
        blank=True,
        help_text="SQS queue to which EventBridge sends Glue's events; may be empty",
    )

    class Meta:
        verbose_name_plural = "sync settings"

    def __str__(self) -> str:
        return f"sync of {self.catalog}"


class SyncRun(models.Model):
    """One reading of a catalog into the mirror."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        PAUSED = "paused", "waits for a person"
        DROPPED = "dropped", "dropped"

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="sync_runs")
    database = models.CharField(max_length=255, blank=True, help_text="this one alone; empty for all")
    may_tombstone = models.BooleanField(default=False, help_text="a person let it go on after a pause")
    requested_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    databases = models.PositiveIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    pages_expected = models.PositiveIntegerField(default=0, help_text="by what was known before")
    made = models.PositiveIntegerField(default=0, help_text="of those changed, the ones that are new")
    changed = models.PositiveIntegerField(default=0)
    tombstoned = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, help_text="tables that a paused run would tombstone")
    principals = models.PositiveIntegerField(default=0)
    words_counted_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["catalog", "-id"], name="catalog_sync_latest")]

    def __str__(self) -> str:
        return f"sync {self.pk} of {self.catalog}"


class SyncProblem(models.Model):
    """A database that one run could not read; what the mirror knew of it stays."""

    run = models.ForeignKey(SyncRun, on_delete=models.PROTECT, related_name="problems")
    database = models.CharField(max_length=255)
    error = models.TextField()

    def __str__(self) -> str:
        return f"{self.database}: {self.error}"
