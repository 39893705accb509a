"""Admin pages of the workers, of scopes with their rounds and intents, and of what was read in AWS. All but valves are read-only."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from audit.admin import AuditedAdmin
from background.models import DispatchLease, QueuedTask, TaskCount, TaskFailure, TaskHealth, WorkerProcess
from background.task_table import ALL_ROWS, TaskName
from fulfilment.health import CallCount, CallTotal, RoundTotal
from fulfilment.holds import Hold, Valve
from fulfilment.intents.models import Intent, Justification, Wake
from fulfilment.observations.models import (
    ObservedCellsFilter,
    ObservedOptIn,
    ObservedPermission,
    RegisteredLocation,
    ScopeReading,
)
from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from fulfilment.role_queries import TestQuery
from fulfilment.rounds import (
    AccountOutage,
    RateLimitBucket,
    Refusal,
    Round,
    Scope,
    Step,
    StepEntry,
    WriteInFlight,
)
from identity.accounts import Account, ConnectedCatalog
from identity.admin.bases import AccountNamesAdmin
from kernel.admin_bases import ReadOnlyAdmin


class ScopeNamesAdmin(ReadOnlyAdmin):
    """The column `scope_name` shows the catalog and the consumer account."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = changelist.result_list = list(changelist.result_list)
        names = name_scopes({row.scope_key for row in rows})
        for row in rows:
            row.name_of_scope = names.get(row.scope_key, row.scope_key)
        return changelist

    @admin.display(description="scope", ordering="scope_key")
    def scope_name(self, row: Any) -> str:
        return str(row.name_of_scope)


def name_scopes(keys: Iterable[str]) -> dict[str, str]:
    """By key. Two queries; a key whose catalog is gone is left out."""
    parts = {key: key.split(":") for key in keys}
    ids = {int(part[1]) for part in parts.values() if len(part) > 1 and part[1].isdecimal()}
    numbers = {part[2] for part in parts.values() if len(part) > 2}  # noqa: PLR2004 - kind, catalog, account
    catalogs = {
        str(row.pk): row for row in ConnectedCatalog.objects.select_related("account").filter(pk__in=ids)
    }
    accounts = dict(Account.objects.filter(account_id__in=numbers).values_list("account_id", "name"))
    return {
        key: " for ".join([str(catalogs[part[1]]), *(accounts.get(number, number) for number in part[2:])])
        for key, part in parts.items()
        if len(part) > 1 and part[1] in catalogs
    }


ROW_KINDS: dict[str, str] = {
    TaskName.CONVERGE_SCOPE: "scope",
    TaskName.QUERY_AS_ROLE: "testquery",
    TaskName.RUN_DATA_QUERY: "dataquery",
    TaskName.VEND_CREDENTIALS: "tablecredential",
    TaskName.READ_CATALOG: "syncrun",
    TaskName.READ_DATABASE: "syncrun",
    TaskName.APPLY_EVENTS: "syncsettings",
    TaskName.SEND_MAIL: "notificationmail",
    TaskName.DELIVER_WEBHOOK: "delivery",
    TaskName.EXPIRE_DUE: "grant",
    TaskName.WARN: "grant",
    TaskName.READ_TRAIL: "trail",
    TaskName.READ_QUALITY: "connectedcatalog",
    TaskName.READ_QUERY_HISTORY: "account",
    TaskName.CHECK_ACCOUNT: "checkup",
    TaskName.COMPARE_ROWS: "rowcomparison",
}
"""What the rows of a task are."""


@admin.register(TaskHealth)
class TaskHealthAdmin(ReadOnlyAdmin):
    list_display = (
        "part",
        "process",
        "host",
        "reported_at",
        "failing_since",
        "failures",
        "error_class",
        "next_try_at",
    )
    list_filter = (("failing_since", admin.EmptyFieldListFilter),)
    search_fields = ("part", "process", "host", "error_class", "error_id")


class TaskRowsAdmin(ReadOnlyAdmin):
    """The column `named_row` shows the row on which a task works."""

    def list_subjects(self, row: Any) -> list[str]:
        return [_get_subject(row)]

    @admin.display(description="row")
    def named_row(self, row: Any) -> SafeString | str:
        subject = _get_subject(row)
        name: SafeString | str = row.subject_names.get(subject, subject)
        return name if row.row_id != ALL_ROWS else "all that are due"


def _get_subject(row: Any) -> str:
    return f"{ROW_KINDS.get(row.task, 'row')}:{row.row_id}"


@admin.register(QueuedTask)
class QueuedTaskAdmin(TaskRowsAdmin):
    list_display = ("task", "named_row", "queue", "queued_at", "taken_at", "worker")
    list_filter = (("taken_at", admin.EmptyFieldListFilter),)
    search_fields = ("task", "queue", "worker")


@admin.register(WorkerProcess)
class WorkerProcessAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "host", "queues", "concurrency", "started_at", "seen_at")
    search_fields = ("name", "host")


@admin.register(DispatchLease)
class DispatchLeaseAdmin(ReadOnlyAdmin):
    list_display = ("owner", "is_beat", "lease_until")
    list_filter = ("is_beat",)
    search_fields = ("owner",)


@admin.register(TaskFailure)
class TaskFailureAdmin(TaskRowsAdmin):
    list_display = (
        "task", "named_row", "failures", "failing_since", "failed_at", "retry_at", "resolved_at", "error_class", "error_id",
    )  # fmt: skip
    list_filter = ("task", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("task", "error_class", "error_id")


@admin.register(TaskCount)
class TaskCountAdmin(ReadOnlyAdmin):
    list_display = ("task", "outcome", "count", "seconds")
    list_filter = ("outcome",)
    search_fields = ("task",)


@admin.register(Scope)
class ScopeAdmin(ReadOnlyAdmin):
    subject_key = "key"
    list_display = (
        "__str__",
        "kind",
        "failures",
        "converged_at",
        "not_before",
        "scan_at",
        "owner",
        "lease_until",
    )
    list_filter = ("kind", "catalog")
    search_fields = ("key", "catalog__short_name", "consumer__name")
    list_select_related = ("catalog__account", "consumer")


@admin.register(AccountOutage)
class AccountOutageAdmin(ReadOnlyAdmin):
    list_display = ("account", "since", "retry_at")
    search_fields = ("account__name", "account__account_id")
    list_select_related = ("account",)


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    list_display = ("id", "scope", "outcome", "began_at", "finished_at", "owner", "drift")
    list_filter = ("outcome", "scope__catalog", "began_at")
    search_fields = ("owner", "scope__key")
    list_select_related = ("scope__catalog__account", "scope__consumer")


@admin.register(Step)
class StepAdmin(AccountNamesAdmin):
    list_display = (
        "operation", "named_account", "region", "outcome", "round__scope", "sent_at", "answered_at", "aws_request_id",
        "error_kind", "error",
    )  # fmt: skip
    list_filter = ("outcome", "sent_at")
    search_fields = ("operation", "account_id", "aws_request_id", "error")
    list_select_related = ("round__scope__catalog__account", "round__scope__consumer")


@admin.register(StepEntry)
class StepEntryAdmin(ReadOnlyAdmin):
    list_display = ("action", "resource", "step", "error_kind", "error")
    list_filter = (("error", admin.EmptyFieldListFilter),)
    search_fields = ("action", "resource", "error")
    list_select_related = ("step",)


@admin.register(WriteInFlight)
class WriteInFlightAdmin(AccountNamesAdmin):
    list_display = ("resource", "named_account", "region", "step")
    search_fields = ("resource", "account_id")
    list_select_related = ("step",)


@admin.register(RateLimitBucket)
class RateLimitBucketAdmin(AccountNamesAdmin):
    list_display = ("operation", "named_account", "region", "tokens", "rate", "filled_at")
    search_fields = ("operation", "account_id", "region")


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    list_display = ("action", "resource", "scope", "count", "first_at", "last_at", "next_at", "error")
    list_filter = ("scope__catalog", "last_at")
    search_fields = ("action", "resource", "error")
    list_select_related = ("scope__catalog__account", "scope__consumer")


@admin.register(Intent)
class IntentAdmin(ScopeNamesAdmin):
    list_display = (
        "id", "kind", "scope_name", "subject", "presence", "usable", "seen_at", "expires_at", "ended_at", "failure",
    )  # fmt: skip
    list_filter = ("kind", "presence", "usable", ("failure", admin.EmptyFieldListFilter))
    search_fields = ("scope_key", "subject", "failure")
    list_select_related = ("evidence__scope__catalog__account", "evidence__scope__consumer")
    subject_fields = ("subject",)


@admin.register(Justification)
class JustificationAdmin(AccountNamesAdmin):
    list_display = (
        "verb",
        "principal_arn",
        "database",
        "table",
        "tagged",
        "columns",
        "grantable",
        "named_account",
    )
    list_filter = ("grantable",)
    search_fields = ("principal_arn", "database", "table", "tagged")
    list_select_related = ("intent",)


@admin.register(Wake)
class WakeAdmin(ScopeNamesAdmin):
    list_display = ("reason", "scope_name", "at", "urgent", "retries")
    list_filter = ("urgent", "retries")
    search_fields = ("reason", "scope_key")


@admin.register(TestQuery)
class TestQueryAdmin(ReadOnlyAdmin):
    list_display = (
        "database", "table", "allowed_column", "refused_column", "requested_by", "requested_at", "finished_at",
        "outcome", "text",
    )  # fmt: skip
    list_filter = ("outcome", "requested_at")
    search_fields = ("database", "table", "requested_by__name")
    list_select_related = ("intent", "requested_by")


@admin.register(ScopeReading)
class ScopeReadingAdmin(ReadOnlyAdmin):
    list_display = ("scope", "epoch", "read_at", "seconds", "facts")
    list_filter = ("scope__kind", "read_at")
    search_fields = ("scope__catalog__short_name", "scope__consumer__name")
    list_select_related = ("scope__catalog__account", "scope__consumer")


class CatalogObservationAdmin(ReadOnlyAdmin):
    list_filter: ClassVar[tuple[str, ...]] = ("catalog",)
    list_select_related = ("catalog__account",)


@admin.register(ObservedPermission)
class ObservedPermissionAdmin(CatalogObservationAdmin):
    list_display = (
        "verb", "principal_arn", "catalog", "database", "table", "tagged", "columns", "grantable", "seen_at",
    )  # fmt: skip
    list_filter = ("catalog", "grantable")
    search_fields = ("principal_arn", "database", "table", "tagged")


@admin.register(ObservedCellsFilter)
class ObservedCellsFilterAdmin(CatalogObservationAdmin):
    list_display = ("name", "catalog", "database", "table", "rows", "columns", "seen_at")
    search_fields = ("name", "database", "table", "rows")


@admin.register(ObservedOptIn)
class ObservedOptInAdmin(CatalogObservationAdmin):
    list_display = ("principal_arn", "catalog", "database", "table", "seen_at")
    search_fields = ("principal_arn", "database", "table")


@admin.register(RegisteredLocation)
class RegisteredLocationAdmin(CatalogObservationAdmin):
    list_display = ("arn", "catalog", "is_hybrid", "seen_at")
    list_filter = ("catalog", "is_hybrid")
    search_fields = ("arn",)


@admin.register(DriftFinding)
class DriftFindingAdmin(ReadOnlyAdmin):
    subject_kind = "finding"
    list_display = (
        "text", "kind", "catalog", "principal_arn", "first_seen_at", "last_seen_at", "gone_at", "known_by",
    )  # fmt: skip
    list_filter = (
        "catalog",
        ("gone_at", admin.EmptyFieldListFilter),
        ("known_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("text", "principal_arn", "database", "table")
    list_select_related = (
        "catalog__account",
        "known_by",
        "proof__scope__catalog__account",
        "proof__scope__consumer",
    )


@admin.register(PermissionRemoval)
class PermissionRemovalAdmin(ReadOnlyAdmin):
    subject_kind = "removal"
    subject_lookup = "event_id"
    list_display = ("id", "catalog", "ordered_by", "ordered_at", "reason")
    list_filter = ("catalog", "ordered_at")
    search_fields = ("reason", "ordered_by__name")
    list_select_related = ("catalog__account", "ordered_by", "intent", "event")


@admin.register(Valve)
class ValveAdmin(AuditedAdmin):
    list_display = ("__str__", "closed", "most_removed", "always_removed", "reason")
    list_filter = ("closed",)
    search_fields = ("account__name", "account__account_id", "reason")
    autocomplete_fields = ("account",)
    list_select_related = ("account",)


@admin.register(Hold)
class HoldAdmin(ScopeNamesAdmin):
    """People let columns and removals through on the portal's pages."""

    list_display = ("text", "kind", "catalog", "scope_name", "since", "ended_at", "ended_as", "ended_by")
    list_filter = ("kind", "catalog", ("ended_at", admin.EmptyFieldListFilter), "ended_as")
    search_fields = ("text", "database", "table", "column", "reason")
    list_select_related = ("catalog__account", "intent", "ended_by")


@admin.register(CallCount)
class CallCountAdmin(AccountNamesAdmin):
    list_display = ("operation", "named_account", "region", "at", "calls")
    list_filter = ("at",)
    search_fields = ("operation", "account_id", "region")


@admin.register(CallTotal)
class CallTotalAdmin(AccountNamesAdmin):
    list_display = ("operation", "named_account", "outcome", "calls")
    list_filter = ("outcome",)
    search_fields = ("operation", "account_id")


@admin.register(RoundTotal)
class RoundTotalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "outcome", "rounds", "seconds")
    list_filter = ("kind", "outcome")
