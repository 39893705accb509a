"""Who used which table, and when: what CloudTrail's files tell of a catalog, as the workers have read them.

AWS records each time that Lake Formation lets somebody at a table's data, under the unique id of the caller (Lake Formation
developer guide, "Cross-account CloudTrail logging"). Whoever is in no record was not there only where the files were
complete: `TrailReading` says from when until when they were.
"""

from collections.abc import Collection
from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from identity.accounts import Account, ConnectedCatalog
from identity.people.models import Person

MAX_NAME_LENGTH = 255
validate_bucket_name = RegexValidator(
    r"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z", "This is not the name of a bucket."
)
validate_folder_name = RegexValidator(
    r"\A(?!/)(?!.*//)[^\x00-\x1f]*AWSLogs(/o-[a-z0-9]{10,32})?\Z",
    "It ends with AWSLogs, or with AWSLogs/o-… for a trail of an organization.",
)


class Trail(models.Model):
    """The location of the log files of a catalog account's CloudTrail trail. Set by people, read by the workers."""

    catalog = models.OneToOneField(ConnectedCatalog, on_delete=models.PROTECT, related_name="trail")
    bucket = models.CharField(
        max_length=63,
        blank=True,
        validators=[validate_bucket_name],
        help_text="The observer's role must be able to read it. Leave empty to stop reading.",
    )
    bucket_region = models.CharField(
        max_length=30, blank=True, help_text="Leave empty for the catalog's own."
    )
    folder = models.CharField(
        max_length=255,
        default="AWSLogs",
        validators=[validate_folder_name],
        help_text="The part of the key before the account's id: the trail's prefix, if any, and AWSLogs.",
    )
    read_since = models.DateField(
        default=timezone.localdate, help_text="Files of earlier days are not read (UTC)."
    )

    def __str__(self) -> str:
        return f"trail of {self.catalog}"

    @property
    def region(self) -> str:
        return self.bucket_region or self.catalog.region

    @property
    def source(self) -> str:
        """Identifies what is read. When it changes, the files are read again from the beginning."""
        return f"{self.region}:{self.bucket}/{self.folder}/{self.read_since:%Y-%m-%d}"


class TrailReading(models.Model):
    """How far a trail has been read. Between `since` and `until` its files hold every use, and outside nothing is known.

    `position` is until when files have been looked for; `recent` names those around it that were read, as a file may come
    to lie beside one that is newer by name.
    """

    trail = models.OneToOneField(Trail, on_delete=models.PROTECT, related_name="reading")
    place = models.CharField(max_length=400)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    counted_since = models.DateTimeField(
        null=True, blank=True, help_text="From when on reads are counted by day; nothing is counted before."
    )
    position = models.DateTimeField()
    recent = models.JSONField(default=list)
    files = models.PositiveIntegerField(default=0, help_text="Read so far.")
    looked_at = models.DateTimeField()
    trouble = models.TextField(blank=True, help_text="Why the files could not be read; empty if they could.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(since=None, until=None) | Q(since__lte=F("until")),
                name="catalog_trail_since_until",
            )
        ]

    def __str__(self) -> str:
        return f"reading of the {self.trail}"


class LastUse(models.Model):
    """When a role or user was last let at a table's data. Tables by name: a use may be known before the table is.

    `reader` is AWS's unique id of the role or user (RoleId, UserId), `account` theirs.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="last_uses")
    reader = models.CharField(max_length=64)
    account = models.CharField(max_length=12)
    database = models.CharField(max_length=MAX_NAME_LENGTH)
    table = models.CharField(max_length=MAX_NAME_LENGTH)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "database", "table", "reader"], name="catalog_last_use_once"
            )
        ]
        indexes = [models.Index(fields=["reader", "catalog"], name="catalog_last_use_by_reader")]

    def __str__(self) -> str:
        return f"{self.reader} used {self.database}.{self.table}"


class UsageDay(models.Model):
    """How often a role or user was let at a table's data on a day (UTC). Written with the position of the reading, in one
    transaction, so that a file counts once.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="+")
    database = models.CharField(max_length=MAX_NAME_LENGTH)
    table = models.CharField(max_length=MAX_NAME_LENGTH)
    day = models.DateField(db_index=True)
    reader = models.CharField(max_length=64)
    account = models.CharField(max_length=12)
    reads = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "database", "table", "day", "reader"], name="catalog_usage_day_once"
            ),
            models.CheckConstraint(condition=Q(reads__gt=0), name="catalog_usage_day_has_reads"),
        ]
        indexes = [models.Index(fields=["account", "day"], name="catalog_usage_day_account")]

    def __str__(self) -> str:
        return f"{self.reader} read {self.database}.{self.table} on {self.day}"


class PersonLastUse(models.Model):
    """When a person last read a table, where the name of the role's session is the person's e-mail address, as it is with
    IAM Identity Center.
    """

    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="+")
    database = models.CharField(max_length=MAX_NAME_LENGTH)
    table = models.CharField(max_length=MAX_NAME_LENGTH)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog", "database", "table", "person"], name="catalog_person_last_use_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} used {self.database}.{self.table}"


class QueryReader(models.Model):
    """Who ran a query of Athena, as CloudTrail names the query's id with each table that it reads. Kept as long as Athena
    keeps its history.
    """

    execution = models.UUIDField(primary_key=True)
    reader = models.CharField(max_length=64)
    account = models.CharField(max_length=12)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.reader} ran {self.execution}"


def get_trail_readings(catalogs: Collection[int]) -> dict[int, TrailReading]:
    """How far each catalog's trail was read, by catalog; those without a reading are left out. One query."""
    rows = TrailReading.objects.filter(trail__catalog__in=catalogs).select_related("trail")
    return {row.trail.catalog_id: row for row in rows}


CURRENCY_PATTERN = "^[A-Z]{3}$"


class ScanPrice(models.Model):
    """The price of a terabyte (2⁴⁰ bytes) that Athena scans for the account, from a day on until that of the next
    price. Without one, costs are not known.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="scan_prices")
    valid_from = models.DateField(help_text="First day (UTC) of this price.")
    per_terabyte = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0))],
        help_text="For each terabyte (2⁴⁰ bytes) that Athena scans.",
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(CURRENCY_PATTERN, "Three capital letters, such as USD.")],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "valid_from"], name="catalog_scan_price_once"),
            models.CheckConstraint(condition=Q(per_terabyte__gte=0), name="catalog_scan_price_not_negative"),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY_PATTERN), name="catalog_scan_price_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_terabyte} {self.currency} from {self.valid_from} in {self.account}"


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
