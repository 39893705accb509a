"""What the oracle of the pretend AWS says of grants: it alone knows what a role can read in the end."""

from collections.abc import Iterable
from urllib.parse import urlencode

from tools.chaos.compare.access_line import ALL_COLUMNS_MARK, AccessLine
from tools.chaos.compare.approved_access import ApprovedAccess
from tools.environment.worker_environment import WorkerEnvironment

NAMES = ("catalog", "region", "principal", "database", "table", "column")


def is_allowed(stage: WorkerEnvironment, line: AccessLine) -> bool:
    answer = stage.cloud.control(f"oracle?{urlencode(dict(zip(NAMES, line, strict=True)))}")
    return bool(answer["allowed"])


def list_columns(grants: Iterable[ApprovedAccess]) -> list[AccessLine]:
    """The named columns that these grants let their principals read."""
    return sorted(
        {one for grant in grants for one in grant.list_readable_columns() if one[5] != ALL_COLUMNS_MARK}
    )


def list_shown_usable(grants: Iterable[ApprovedAccess]) -> list[ApprovedAccess]:
    """Of them the oracle can be asked."""
    return [grant for grant in grants if grant.is_shown_usable and list_columns([grant])]


def is_denied(stage: WorkerEnvironment, grant: ApprovedAccess) -> bool:
    """Whether its principal cannot read the first of its columns."""
    return not is_allowed(stage, list_columns([grant])[0])
