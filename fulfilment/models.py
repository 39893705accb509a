"""Rows of the engine: intents, scopes, rounds with their steps and entries, what was observed."""

from dataclasses import replace

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from audit.engine_columns import EngineColumns
from fulfilment.calls import CallCount
from fulfilment.findings import Finding, Removal
from fulfilment.holds import Hold, Valve
from fulfilment.justifications import Justification
from fulfilment.observations import Observed, ObservedFilter, ObservedOptIn, RegisteredLocation
from fulfilment.part_health import PartHealth
from fulfilment.refusals import Refusal
from fulfilment.role_queries import RoleQuery
from fulfilment.scope_readings import ScopeReading
from identity.models import Account, ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet

__all__ = [
    "Bucket",
    "CallCount",
    "Entry",
    "Finding",
    "Hold",
    "InFlight",
    "Intent",
    "Justification",
    "Observed",
    "ObservedFilter",
    "ObservedOptIn",
    "PartHealth",
    "Refusal",
    "RegisteredLocation",
    "Removal",
    "RoleQuery",
    "Round",
    "Scope",
    "ScopeReading",
    "Silence",
    "Step",
    "Valve",
    "Wake",
]


class Intent(EngineColumns):
    """What shall be true in one scope, for whose sake, until when; and what is seen of it.

    The wanted half (`wanted` to `generation`) is written by `fulfilment.actions` in the transaction of a
    decision. The seen half (`presence` to `failure`) is written by the engine alone. A scope is named by
    its key, without a foreign key: the lock of one would make the claim skip the scope.
    """

    class Kind(models.TextChoices):
        GRANT = "grant", "grant"
        REGISTRATION = "registration", "registration"
        CLASSIFICATION = "classification", "classification change"
        REMOVAL = "removal", "removal"

    class Presence(models.TextChoices):
        UNSEEN = "unseen", "not looked at yet"
        UNKNOWN = "unknown", "not readable just now"
        PRESENT = "present", "present"
        ABSENT = "absent", "absent"
        STALE = "stale", "effects no longer as approved"
        HOLD = "hold", "waits for a person"

    class Landing(models.TextChoices):
        DATABASE = "database", "database link"
        TABLES = "tables", "table links"

    UNJUSTIFIED = "Unjustified"
    """How `failure` begins where no decision justifies the row: see `workers.justified`."""
    ENGINE_COLUMNS = frozenset({"presence", "proven_generation", "evidence", "seen_at", "usable", "failure"})

    kind = models.CharField(max_length=20, choices=Kind)
    scope_key = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, help_text="for whose sake: <model>:<id>")
    wanted = models.JSONField()
    opened = models.JSONField(
        default=list, blank=True, help_text="columns that came later and were let in since: see `Hold`"
    )
    moved_to = models.CharField(
        max_length=10,
        choices=Landing,
        blank=True,
        help_text="how it lands in the consumer's catalog since the account's admins chose another way than `wanted`",
    )
    moved_at = models.PositiveIntegerField(default=0, help_text="the generation since which it does")
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
    def access(self) -> Access:
        """What a grant's intent wants, with the columns that were let in since, as it lands by now. Of a removal there
        is none.
        """
        access = Access.from_json(self.wanted)
        if self.moved_to:
            by_table = self.moved_to == self.Landing.TABLES
            access = replace(access, by_table=by_table, moved=self.proven_generation < self.moved_at)
        if not self.opened:
            return access
        return replace(access, columns=access.columns | ColumnSet.include(self.opened))

    @property
    def found_in(self) -> str:
        """The database in which the consumer finds the table: as it landed before, until the new landing is proven."""
        access = self.access
        return (
            access.left.found_in
            if access.left and self.presence == self.Presence.PRESENT
            else access.found_in
        )

    @property
    def is_unjustified(self) -> bool:
        """Whether the engine refused it: an incident, for which nothing is sent."""
        return self.failure.startswith(self.UNJUSTIFIED)

    @property
    def is_proven(self) -> bool:
        """Whether what was seen last is about what is wanted now."""
        return self.proven_generation == self.generation


class Scope(models.Model):
    """A unit of serial work: granting catalog × consumer account, or a granting catalog alone.

    `epoch` fences PostgreSQL: every write of a round names it. `not_before` holds back-off,
    `scan_at` when the scope is looked at again though nothing asks for it.
    """

    class Kind(models.TextChoices):
        SHARE = "share", "share scope"
        CATALOG = "catalog", "catalog scope"

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    catalog = models.ForeignKey(ConnectedCatalog, on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    epoch = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    scan_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    converged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scope_share_has_consumer",
                condition=Q(kind="catalog", consumer__isnull=True) | Q(kind="share", consumer__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.key


class Wake(models.Model):
    """Someone asks that a scope be looked at: a late effect, a prerequisite that came true.

    An urgent one takes the scope out of its back-off. One that `retries` has what AWS refused tried again at once, too.
    """

    scope_key = models.CharField(max_length=80, db_index=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=120)
    urgent = models.BooleanField(default=True, db_default=True)
    retries = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.scope_key}: {self.reason}"


class Silence(models.Model):
    """An account of which AWS does not answer: its scopes wait, and one of them asks again now and then."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="+")
    since = models.DateTimeField()
    ask_at = models.DateTimeField(help_text="not before this time, by the database's bare clock")

    def __str__(self) -> str:
        return f"{self.account} does not answer"


class Round(models.Model):
    """One pass over a scope."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "running"
        CONVERGED = "converged", "nothing to do, all proven"
        SENT = "sent", "sent its plan"
        WAITING = "waiting", "waits"

    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="rounds")
    epoch = models.BigIntegerField()
    owner = models.CharField(max_length=80)
    started_at = models.DateTimeField(help_text="the claim's time: this round's now")
    began_at = models.DateTimeField(help_text="bare database clock at the claim")
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.RUNNING)
    drift = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["scope", "-id"], name="round_scope_latest")]

    def __str__(self) -> str:
        return f"round {self.pk} of {self.scope_id}"


class Step(models.Model):
    """One AWS call of a round's plan. `sent_at` is written before the call, the answer after it."""

    class Outcome(models.TextChoices):
        PLANNED = "planned", "planned"
        SENT = "sent", "sent, no answer yet"
        DONE = "done", "done"
        PARTIAL = "partial", "done in part"
        FAILED = "failed", "failed"
        UNKNOWN = "unknown", "outcome unknown"
        SKIPPED = "skipped", "not sent"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    operation = models.CharField(max_length=60)
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    role_arn = models.CharField(max_length=300)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PLANNED)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)
    aws_request_id = models.CharField(max_length=80, blank=True)
    error_kind = models.CharField(max_length=12, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "position"], name="step_position_once")]

    def __str__(self) -> str:
        return f"{self.operation} in {self.account_id}"


class Entry(models.Model):
    """One line of a step: a grant, a revoke, a link; `intents` are those that justify it."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveIntegerField()
    action = models.CharField(max_length=20)
    atom = models.JSONField()
    intents = models.JSONField(default=list)
    resource = models.CharField(max_length=600)
    error_kind = models.CharField(max_length=12, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "position"], name="entry_position_once")]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"


class InFlight(models.Model):
    """The slot: one unsettled write per (account, region, resource), also after a crash.

    Taken in the transaction that writes `Step.sent_at`, given back when the step is answered or settled; from
    `Step.open_until` on whoever needs it takes it.
    """

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    resource = models.CharField(max_length=600)
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="slots")

    class Meta:
        verbose_name = "write in flight"
        verbose_name_plural = "writes in flight"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "region", "resource"], name="one_write_in_flight")
        ]

    def __str__(self) -> str:
        return self.resource


class Bucket(models.Model):
    """How fast one API of an account may be called, shared by all workers. See `workers.rate`."""

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    operation = models.CharField(max_length=60)
    tokens = models.FloatField()
    rate = models.FloatField(help_text="calls per second; falls when AWS throttles, rises slowly again")
    filled_at = models.DateTimeField()

    class Meta:
        verbose_name = "bucket of calls"
        verbose_name_plural = "buckets of calls"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "region", "operation"], name="bucket_once")
        ]

    def __str__(self) -> str:
        return f"{self.operation} in {self.account_id}"
