"""Read-only admin pages of the workers: processes, tasks and their failures."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from background.models import (
    DispatchLease,
    QueuedTask,
    TaskCount,
    TaskFailure,
    TaskHealth,
    WorkerProcess,
)
from background.task_table import ALL_ROWS, TaskName
from kernel.admin_bases import ReadOnlyAdmin

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
