"""Names of the rows that the workers' tasks work on; a built-in of every template."""

from django import template
from django.utils.translation import gettext_lazy as _

from background.task_table import ALL_ROWS, TaskName

register = template.Library()
ROW_NAMES: dict[str, object] = {
    TaskName.CONVERGE_SCOPE: _("scope %d"),
    TaskName.QUERY_AS_ROLE: _("test query %d"),
    TaskName.READ_CATALOG: _("sync run %d"),
    TaskName.READ_DATABASE: _("sync run %d"),
    TaskName.APPLY_EVENTS: _("event queue %d"),
    TaskName.SEND_MAIL: _("mail %d"),
    TaskName.DELIVER_WEBHOOK: _("delivery %d"),
    TaskName.EXPIRE_DUE: _("grant %d"),
    TaskName.WARN: _("grant %d"),
    TaskName.READ_TRAIL: _("trail %d"),
    TaskName.READ_QUALITY: _("catalog %d"),
    TaskName.READ_QUERY_HISTORY: _("account %d"),
    TaskName.CHECK_ACCOUNT: _("check-up %d"),
    TaskName.RUN_DATA_QUERY: _("query %d"),
    TaskName.VEND_CREDENTIALS: _("credentials %d"),
    TaskName.SCAN_COLUMNS: _("scan %d"),
    TaskName.FOLLOW_CRAWLER: _("crawler run %d"),
    TaskName.COMPARE_ROWS: _("comparison %d"),
}


@register.filter
def row_name(task: str, row_id: int) -> str:
    """`{{ failure.task|row_name:failure.row_id }}`: "scope 12"; empty for a task that finds its rows itself."""
    return "" if row_id == ALL_ROWS else str(ROW_NAMES.get(task, _("row %d"))) % row_id
