"""Rows of Athena's query history. The text of a query is not stored."""

from django.db import models
from django.db.models import F, Q

from catalog.usage.models import MAX_NAME_LENGTH
from identity.accounts import Account, ConnectedCatalog


class QueryHistory(models.Model):
    """How far the queries of an account were read. All that were submitted between `since` and `until` are counted."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="query_history")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField()
    trouble = models.TextField(blank=True, help_text="Why the history could not be read; empty if it could.")

    class Meta:
        verbose_name_plural = "query histories"
        constraints = [
            models.CheckConstraint(
                condition=Q(since=None, until=None) | Q(since__lte=F("until")),
                name="catalog_query_history_since_until",
            )
        ]

    def __str__(self) -> str:
        return f"queries of {self.account}"


class WorkgroupReading(models.Model):
    """`is_caught_up`: every query older than the newest one that is stored was read. `pending` are ids of queries that still
    ran, or were too new, when they were listed.
    """

    history = models.ForeignKey(QueryHistory, on_delete=models.PROTECT, related_name="workgroups")
    name = models.CharField(max_length=128)
    is_caught_up = models.BooleanField(default=False)
    pending = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["history", "name"], name="catalog_workgroup_reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.history}"


class CountedQuery(models.Model):
    """A query that was counted, so that it counts once. Kept a little longer than Athena keeps its history."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    execution = models.UUIDField()
    submitted_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "counted queries"
        constraints = [
            models.UniqueConstraint(fields=["account", "execution"], name="catalog_counted_query_once")
        ]

    def __str__(self) -> str:
        return str(self.execution)


class QueryDay(models.Model):
    """What queries of an account read of a table on a day (UTC).

    Without a catalog it stands for all tables that are of no connected catalog; their names are not stored. Bytes of a query
    that reads several tables are divided evenly among them.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(db_index=True)
    reader = models.CharField(max_length=64, blank=True, help_text="Unique id of the role or user, if known.")
    catalog = models.ForeignKey(
        ConnectedCatalog, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    database = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    table = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    queries = models.PositiveBigIntegerField()
    failed = models.PositiveBigIntegerField(default=0, help_text="Of the queries, those that failed.")
    unreadable = models.PositiveBigIntegerField(
        default=0, help_text="Of the queries, those whose text names no table that could be read."
    )
    scanned_bytes = models.PositiveBigIntegerField(default=0)
    billed_bytes = models.PositiveBigIntegerField(default=0, help_text="By Athena's rule: see docs/usage.md.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "reader", "catalog", "database", "table"],
                name="catalog_query_day_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(catalog__isnull=False) | Q(database="", table=""),
                name="catalog_query_day_names_known_tables",
            ),
        ]
        indexes = [
            models.Index(fields=["catalog", "database", "table", "day"], name="catalog_query_day_table")
        ]

    def __str__(self) -> str:
        return f"{self.queries} queries of {self.database}.{self.table} on {self.day}"


class ColumnUseDay(models.Model):
    """How many queries of an account named a column on a day. `*` is all columns."""

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="+")
    database = models.CharField(max_length=MAX_NAME_LENGTH)
    table = models.CharField(max_length=MAX_NAME_LENGTH)
    column = models.CharField(max_length=MAX_NAME_LENGTH)
    day = models.DateField(db_index=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    queries = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "database", "table", "day", "column", "account"],
                name="catalog_column_use_day_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.queries} queries of {self.database}.{self.table}.{self.column} on {self.day}"


class JoinUseDay(models.Model):
    """How many queries of an account joined a table with another on a day, and on which columns, if the text says it. Each
    join has two rows, one from each side.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="+")
    database = models.CharField(max_length=MAX_NAME_LENGTH)
    table = models.CharField(max_length=MAX_NAME_LENGTH)
    column = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    other_catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="+")
    other_database = models.CharField(max_length=MAX_NAME_LENGTH)
    other_table = models.CharField(max_length=MAX_NAME_LENGTH)
    other_column = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    day = models.DateField(db_index=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    queries = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("catalog", "database", "table", "day", "column"),
                    *("other_catalog", "other_database", "other_table", "other_column", "account"),
                ],
                name="catalog_join_use_day_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.database}.{self.table} with {self.other_database}.{self.other_table} on {self.day}"
