"""How often due rows of each task are looked for, in seconds."""

from django.conf import settings

from background.task_table import TaskName

SHORTEST_RETENTION = 60.0
"""Nothing that is deleted by age is kept for less, so that looking for it more often finds nothing."""


def get_interval(task: TaskName) -> float:
    """From the settings; `SWEEP_EVERY` if the task has none of its own."""
    own = {
        TaskName.CONVERGE_SCOPE: settings.CLAIM_EVERY,
        TaskName.RUN_DATA_QUERY: settings.CLAIM_EVERY,
        TaskName.VEND_CREDENTIALS: settings.CLAIM_EVERY,
        TaskName.APPLY_EVENTS: settings.CLAIM_EVERY,
        TaskName.SEAL: settings.SEAL_EVERY,
        TaskName.VERIFY: settings.AUDIT_VERIFY_EVERY,
        TaskName.WARN: settings.HOUSEKEEPING_EVERY,
        TaskName.SEND_REMINDERS: settings.HOUSEKEEPING_EVERY,
        TaskName.REPORT_DEPARTURES: settings.HOUSEKEEPING_EVERY,
        TaskName.REPORT_VACANCIES: settings.HOUSEKEEPING_EVERY,
        TaskName.CHECK_DERIVATIONS: settings.HOUSEKEEPING_EVERY,
        TaskName.COUNT_USES: settings.HOUSEKEEPING_EVERY,
        TaskName.COMPARE_SCHEMAS: settings.HOUSEKEEPING_EVERY,
        TaskName.COUNT_SEARCHES: settings.HOUSEKEEPING_EVERY,
        TaskName.DELETE_OLD_ROWS: max(settings.HOUSEKEEPING_EVERY, SHORTEST_RETENTION),
    }
    return float(own.get(task, settings.SWEEP_EVERY))
