"""Intents, their justifications, and wake-ups of scopes."""

from dataclasses import replace

from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from fulfilment.intents.failures import REFUSED
from kernel import clock
from kernel.engine_columns import EngineColumns
from kernel.queries import QueryCache
from lakeformation.access.access import Access, list_kinds_of_any_database, parse_access
from lakeformation.access.link_naming import LinkNaming
from lakeformation.access.table_access import TableAccess
from lakeformation.values.column_sets import ColumnSet

JUSTIFICATION_KEY = (
    "account_id", "region", "database", "table", "principal_arn", "verb", "cells_filter", "grantable", "tagged",
    "intent",
)  # fmt: skip


class Justification(models.Model):
    """One permission that an intent wants, with its columns; but none that an account passes on, which lists it itself.

    Written with the wanted half of its intent. Whether it justifies anything just now, the intent's end and presence
    say. A permission is named as in `ObservedPermission`, in the catalog of `account_id` and `region`: the
    owner's, or the consumer's for one on a link.
    """

    intent = models.ForeignKey("fulfilment.Intent", on_delete=models.PROTECT, related_name="justifications")
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    principal_arn = models.CharField(max_length=600, db_collation="C")
    database = models.CharField(max_length=255, blank=True, db_collation="C")
    table = models.CharField(max_length=255, blank=True, db_collation="C")
    verb = models.CharField(max_length=40, db_collation="C")
    cells_filter = models.CharField(max_length=255, blank=True, db_collation="C")
    grantable = models.BooleanField(default=False)
    tagged = models.CharField(max_length=80, blank=True, db_collation="C")
    policy = models.JSONField(default=dict)
    columns = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=JUSTIFICATION_KEY, name="justification_once")]

    def __str__(self) -> str:
        return f"{self.verb} on {self.tagged or f'{self.database}.{self.table}'} for intent {self.intent_id}"


class Intent(EngineColumns):
    """What is wanted in one scope, for which subject and until when; and what was observed of it.

    The wanted half (`wanted` to `generation`) is written by `fulfilment.intents.actions` in the transaction of a
    decision. The seen half (`presence` to `failure`) is written by the engine alone. A scope is named by
    its key, without a foreign key: the lock of one would make the claim skip the scope.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", _("grant")
        REGISTRATION = "registration", _("registration")
        WRITE = "write", _("write access")
        CLASSIFICATION = "classification", _("classification change")
        REMOVAL = "removal", _("removal")

    class Presence(models.TextChoices):
        UNSEEN = "unseen", _("not looked at yet")
        UNKNOWN = "unknown", _("not readable just now")
        PRESENT = "present", _("present")
        ABSENT = "absent", _("absent")
        STALE = "stale", _("effects no longer as approved")
        HOLD = "hold", _("waits for a person")

    class Landing(models.TextChoices):
        DATABASE = "database", _("database link")
        TABLES = "tables", _("table links")

    UNJUSTIFIED = "Unjustified"
    """Prefix of `failure` where no decision justifies the intent; see `workers.engine.unjustified_intents`."""
    ENGINE_COLUMNS = frozenset({"presence", "proven_generation", "evidence", "seen_at", "usable", "failure"})

    kind = models.CharField(max_length=20, choices=Kind)
    scope_key = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, help_text="What it is for: <model>:<id>")
    wanted = models.JSONField()
    opened = models.JSONField(
        default=list, blank=True, help_text="Columns that were added later and released: see `Hold`."
    )
    moved_to = models.CharField(
        max_length=10,
        choices=Landing,
        blank=True,
        help_text="how it lands in the consumer's catalog since the account's admins chose another way than `wanted`",
    )
    moved_at = models.PositiveIntegerField(default=0, help_text="the generation since which it does")
    recreated_as = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="CreateTime of the table that took the place of the approved one, since its grant was kept",
    )
    effects = models.JSONField()
    effects_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=1)

    presence = models.CharField(
        max_length=20, choices=Presence, default=Presence.UNSEEN, db_default=Presence.UNSEEN
    )
    proven_generation = models.PositiveIntegerField(default=0, db_default=0)
    evidence = models.ForeignKey("Round", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    usable = models.BooleanField(null=True, blank=True)
    failure = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["scope_key"], name="intent_scope"),
            models.Index(
                fields=["scope_key"], condition=~Q(generation=F("proven_generation")), name="intent_unproven"
            ),
            models.Index(fields=["expires_at"], condition=~Q(presence="absent"), name="intent_expiring"),
            models.Index(
                KeyTransform("principal_arn", "wanted"),
                "expires_at",
                condition=Q(ended_at__isnull=True),
                name="intent_of_principal",
            ),
            models.Index(
                KeyTransform("database", "wanted"),
                KeyTransform("table", "wanted"),
                condition=Q(ended_at__isnull=True),
                name="intent_on_table",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="intent_proof_has_evidence",
                condition=~Q(presence__in=["present", "absent"])
                | (
                    Q(evidence__isnull=False)
                    & Q(proven_generation__gt=0)
                    & Q(proven_generation__lte=F("generation"))
                ),
            ),
            models.CheckConstraint(
                name="intent_expires_after_creation",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
            ),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(ended_at__isnull=True), name="intent_one_live_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"intent {self.pk} for {self.subject}"

    @property
    def has_access(self) -> bool:
        """Whether it wants permissions of a principal: those of a grant, or of write access in a share scope."""
        return self.kind in {self.Kind.GRANT, self.Kind.WRITE} or (
            self.kind == self.Kind.REGISTRATION and "principal_arn" in self.wanted
        )

    @property
    def access(self) -> Access:
        """What an intent that `has_access` wants, with the columns released since, its current link naming, and the table
        that took the place of the approved one.
        """
        access = parse_access(self.wanted)
        if self.recreated_as and isinstance(access, TableAccess):
            access = replace(access, table_created=self.recreated_as)
        return self._apply_changes(access) if isinstance(access, TableAccess) else access

    @property
    def table_access(self) -> TableAccess:
        """The access of an intent that is known to be about one table."""
        access = self.access
        assert isinstance(access, TableAccess)
        return access

    def _apply_changes(self, access: TableAccess) -> TableAccess:
        if self.moved_to:
            by_table = self.moved_to == self.Landing.TABLES
            naming = LinkNaming(by_table=by_table, is_changing=self.proven_generation < self.moved_at)
            access = replace(access, link_naming=naming)
        if not self.opened:
            return access
        return replace(access, columns=access.columns | ColumnSet.include(self.opened))

    @property
    def consumer_database(self) -> str:
        """The database in which the consumer finds the one table: under the old link naming until the new one is proven."""
        access = self.table_access
        previous = access.previous_link_naming if self.presence == self.Presence.PRESENT else None
        return (previous or access).get_consumer_database(access.database)

    @property
    def is_unjustified(self) -> bool:
        """Whether the engine refused it because no decision justifies it."""
        return self.failure.startswith(self.UNJUSTIFIED)

    @property
    def has_failed(self) -> bool:
        """Whether nothing more happens by itself: its effects are stale, nobody justified it, or AWS refused it."""
        return self.is_stale or self.is_unjustified or self.failure.startswith(REFUSED)

    @property
    def is_stale(self) -> bool:
        """Whether what stands there now is not what was approved. Not of one that was bound to it since."""
        return self.presence == self.Presence.STALE and self.is_proven

    @property
    def is_proven(self) -> bool:
        """Whether it is proven at its current generation."""
        return self.proven_generation == self.generation


class Wake(models.Model):
    """A request for a round of the scope.

    An urgent one takes the scope out of its back-off. One that `retries` has what AWS refused tried again at once, too.
    """

    scope_key = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=120)
    urgent = models.BooleanField(default=True, db_default=True)
    retries = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.scope_key}: {self.reason}"


ACCESS_FIELDS = ("wanted", "opened", "moved_to", "moved_at", "proven_generation", "recreated_as")
"""Fields that `Intent.access` reads."""


def build_stale_filter(path: str = "") -> Q:
    """Intents that are stale, as `Intent.is_stale`. `path` leads to them, with its last underscores."""
    is_proven = Q(**{f"{path}proven_generation": F(f"{path}generation")})
    return Q(**{f"{path}presence": Intent.Presence.STALE}) & is_proven


def list_live_intents() -> QuerySet[Intent]:
    """Live by the clock; unordered."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.Now())
    return Intent.objects.filter(live, ended_at__isnull=True).exclude(build_stale_filter())


def list_live_intents_of_principal(*, principal_arn: str, owner: str, region: str) -> QuerySet[Intent]:
    """For one principal, on one owner's data in a region, oldest first. `owner` is the catalog's account id."""
    mine = list_live_intents().filter(
        wanted__principal_arn=principal_arn, wanted__owner=owner, wanted__region=region
    )
    return mine.order_by("pk")


def list_live_accesses_in_database(
    database: str, *, principal_arn: str, owner: str, region: str, cache: QueryCache
) -> list[Access]:
    """Live accesses of the principal in one database, and those by LF-Tags. Two queries for each database."""

    def read() -> list[Access]:
        here = Q(wanted__database=database) | Q(wanted__kind__in=list_kinds_of_any_database())
        mine = list_live_intents_of_principal(principal_arn=principal_arn, owner=owner, region=region).filter(
            here
        )
        return [intent.access for intent in mine.only(*ACCESS_FIELDS)]

    return cache.get_or_read(("agreed", principal_arn, owner, region, database), read)
