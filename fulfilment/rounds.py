"""Scopes of the engine and its rounds: steps, entries, refusals and writes in flight."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.accounts import Account, ConnectedCatalog


class Scope(models.Model):
    """A unit of serial work: granting catalog × consumer account, or a granting catalog alone.

    `epoch` fences PostgreSQL: every write of a round names it. `not_before` holds back-off,
    `scan_at` when the scope is looked at again though nothing asks for it.
    """

    class Kind(models.TextChoices):
        SHARE = "share", _("share scope")
        CATALOG = "catalog", _("catalog scope")

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
        return f"{self.catalog} for {self.consumer.name}" if self.consumer else str(self.catalog)


class AccountOutage(models.Model):
    """An account that AWS does not answer for. Its scopes wait; one at a time retries."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="+")
    since = models.DateTimeField()
    retry_at = models.DateTimeField(help_text="Not before this time, by the database's own clock.")

    def __str__(self) -> str:
        return f"{self.account} does not answer"


class Round(models.Model):
    """One pass over a scope."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("running")
        CONVERGED = "converged", _("nothing to do, all proven")
        SENT = "sent", _("sent its plan")
        WAITING = "waiting", _("waits")

    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="rounds")
    epoch = models.BigIntegerField()
    owner = models.CharField(max_length=80)
    started_at = models.DateTimeField(help_text="Time of the claim, used as the time of this run.")
    began_at = models.DateTimeField(help_text="Database clock at the claim.")
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.RUNNING)
    drift = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["scope", "-id"], name="round_scope_latest")]

    def __str__(self) -> str:
        return f"round {self.pk} of {self.scope}"


class Step(models.Model):
    """One AWS call of a round's plan. `sent_at` is written before the call, the answer after it."""

    class Outcome(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENT = "sent", _("sent, no answer yet")
        DONE = "done", _("done")
        PARTIAL = "partial", _("done in part")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("outcome unknown")
        SKIPPED = "skipped", _("not sent")

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


class StepEntry(models.Model):
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


class WriteInFlight(models.Model):
    """One unsettled write for each (account, region, resource), also after a crash.

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


class RateLimitBucket(models.Model):
    """Token bucket of one API in an account and region, shared by all workers. See `workers.aws.calls`."""

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    operation = models.CharField(max_length=60)
    tokens = models.FloatField()
    rate = models.FloatField(help_text="Calls per second. Falls when AWS throttles and rises slowly again.")
    filled_at = models.DateTimeField()

    class Meta:
        verbose_name = "bucket of calls"
        verbose_name_plural = "buckets of calls"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "region", "operation"], name="bucket_once")
        ]

    def __str__(self) -> str:
        return f"{self.operation} in {self.account_id}"


REFUSAL_INITIAL_WAIT, REFUSAL_MAX_WAIT = 0.5, 300.0
"""Seconds: the wait after the first refusal, doubled with each one, and the longest."""


class Refusal(models.Model):
    """A planned change that AWS refused at the last try. Another plan, another intent or other columns are another change.

    Times are the database's bare clock. The row goes when the change is no longer planned: it was made, or is not wanted.
    """

    scope = models.ForeignKey("fulfilment.Scope", on_delete=models.PROTECT, related_name="refusals")
    key = models.CharField(max_length=64, help_text="SHA-256 of the change")
    action = models.CharField(max_length=20)
    resource = models.CharField(max_length=600)
    intents = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    next_at = models.DateTimeField()
    error = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="refusal_once")]

    def __str__(self) -> str:
        return f"{self.action} {self.resource}: refused {self.count} times"
