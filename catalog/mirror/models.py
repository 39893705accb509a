"""Rows of the mirror of Glue: databases, tables, columns, links and locations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.accounts import ConnectedCatalog


class Classification(models.TextChoices):
    """Set in AWS by the LF-Tag `confidentiality`; least sensitive first."""

    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private")
    SENSITIVE = "sensitive", _("sensitive")


class Database(models.Model):
    """A mirrored Glue database. A deleted database is kept as a tombstone."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="databases")
    domain = models.ForeignKey(
        "catalog.Domain", null=True, blank=True, on_delete=models.PROTECT, related_name="databases"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    location = models.CharField(max_length=1024, blank=True)
    parameters = models.JSONField(default=dict)
    tags = models.JSONField(default=dict, help_text="LF-Tags assigned to it.")
    flags = ArrayField(
        models.CharField(max_length=12), default=list, help_text="see `catalog.mirror.snapshot.TEXT_FLAGS`"
    )
    glue_created_at = models.CharField(
        max_length=40, help_text="Glue's CreateTime in UTC (ISO 8601); identifies the object."
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


class TagKey(models.Model):
    """A mirrored LF-Tag key with its values. A deleted key is kept as a tombstone."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="tag_keys")
    key = models.CharField(max_length=255)
    values = ArrayField(models.CharField(max_length=255), default=list)
    read_at = models.DateTimeField()
    tombstoned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalog", "key"], name="catalog_tag_key_once")]

    def __str__(self) -> str:
        return self.key


class ColumnFacts(NamedTuple):
    """What access to a column is computed from. Thousands are read much faster than as `Column`."""

    name: str
    type: str
    classification: str
    is_partition_key: bool
    tags: Mapping[str, str]

    def __str__(self) -> str:
        return self.name


class Table(models.Model):
    """A Glue table as mirrored; `glue_created_at` is its identity: a table made anew is another row."""

    database = models.ForeignKey(Database, on_delete=models.PROTECT, related_name="tables")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=40, blank=True, help_text="Glue's TableType.")
    description = models.TextField(blank=True)
    owner = models.CharField(max_length=255, blank=True)
    created_by = models.CharField(
        max_length=2048,
        blank=True,
        help_text="Glue's CreatedBy: has full access without a permission.",
    )
    location = models.CharField(max_length=1024, blank=True)
    data_format = models.CharField(max_length=40, blank=True)
    parameters = models.JSONField(default=dict)
    storage = models.JSONField(default=dict, help_text="Reader, writer, serde, buckets and sort order.")
    view = models.JSONField(
        default=dict, help_text="For a view: SQL, definer and the tables it reads; empty for a table."
    )
    flags = ArrayField(
        models.CharField(max_length=12), default=list, help_text="see `catalog.mirror.snapshot.TEXT_FLAGS`"
    )
    tags = models.JSONField(default=dict, help_text="Effective LF-Tags of the table, assigned or inherited.")
    classification = models.CharField(max_length=10, choices=Classification, blank=True)
    classes = ArrayField(
        models.CharField(max_length=10, choices=Classification),
        default=list,
        help_text="Each classification of the table and its columns, once. Used by search.",
    )
    glue_created_at = models.CharField(max_length=40)
    glue_version = models.CharField(max_length=40, blank=True)
    glue_updated_at = models.CharField(max_length=40, blank=True)
    iceberg_uuid = models.CharField(
        max_length=64, blank=True, help_text="Also identifies the object, if known."
    )
    default_row_policy = models.CharField(
        max_length=255,
        blank=True,
        db_default="",
        help_text="Glue's DefaultRLSPolicy, a row-level security policy.",
    )
    digest = models.CharField(max_length=64)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    succeeded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, help_text="New name of a removed table."
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
        indexes = [
            HashIndex(
                fields=["location"],
                condition=Q(tombstoned_at__isnull=True) & ~Q(location=""),
                name="catalog_table_location",
            ),
            models.Index(
                fields=["digest"],
                condition=Q(tombstoned_at__isnull=True) & ~Q(view={}),
                name="catalog_table_views",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.database.name}.{self.name}"

    @cached_property
    def column_facts(self) -> Sequence[ColumnFacts]:
        """Facts of all columns, in order. One query; none after `load_column_facts`, or if `columns` are prefetched."""
        if "columns" in getattr(self, "_prefetched_objects_cache", {}):
            return [
                ColumnFacts(*(getattr(column, name) for name in ColumnFacts._fields))
                for column in self.columns.all()
            ]
        return [ColumnFacts(*row) for row in self.columns.values_list(*ColumnFacts._fields)]


class Column(models.Model):
    """Written by `catalog.sync.table_writer` alone, in one transaction with its table, which is never deleted.

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
    tags = models.JSONField(default=dict, help_text="Effective LF-Tags of the column.")
    classification = models.CharField(max_length=10, choices=Classification, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["table", "name"], name="catalog_column_once")]

    def __str__(self) -> str:
        return self.name


class SchemaChange(models.Model):
    """What differed between two readings of one table; see `catalog.mirror.schema_changes`."""

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="schema_changes")
    seen_at = models.DateTimeField()
    version_before = models.CharField(max_length=40, blank=True)
    version_after = models.CharField(max_length=40, blank=True)
    is_breaking = models.BooleanField()
    changes = models.JSONField(help_text="A list of {what, name, before, after, breaking}.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.table} at {self.seen_at:%Y-%m-%d %H:%M}"


class ResourceLink(models.Model):
    """A resource link in a catalog to a database or table of another catalog."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="links")
    database = models.CharField(max_length=255, blank=True, help_text="Where the table's link is.")
    name = models.CharField(max_length=255)
    target_catalog = models.CharField(max_length=300, help_text="Account, with the path of a nested catalog.")
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


class TableStatistics(models.Model):
    """The last reading of one table; `columns` holds `ColumnStatistics` by name, `error` says why none."""

    table = models.OneToOneField("catalog.Table", on_delete=models.PROTECT, related_name="statistics")
    columns = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    read_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "table statistics"

    def __str__(self) -> str:
        return f"statistics of {self.table}"


def load_column_facts(tables: Iterable[Table]) -> None:
    """Reads `column_facts` of all tables in one query."""
    rows = list(tables)
    facts: dict[int, list[ColumnFacts]] = defaultdict(list)
    columns = Column.objects.filter(table__in=[row.pk for row in rows])
    for pk, *fields in columns.values_list("table_id", *ColumnFacts._fields):
        facts[pk].append(ColumnFacts(*fields))
    for row in rows:
        row.column_facts = facts[row.pk]
