"""Jobs: there are none, as none can be made here; clients that read a whole account ask for them.

DataHub's Glue source calls GetJobs in its default configuration.
"""

from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import INVALID_POSITION
from mocklake.world import World


def get_jobs(_world: World, _caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Empty in every account."""
    _check_token(params)
    return {"Jobs": []}


def list_jobs(_world: World, _caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Empty in every account."""
    _check_token(params)
    return {"JobNames": []}


def get_job(_world: World, _caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for every name."""
    raise AwsError("EntityNotFoundException", f"Job {params['JobName']} not found.")


def _check_token(params: dict[str, Any]) -> None:
    if params.get("NextToken"):
        raise AwsError("InvalidInputException", INVALID_POSITION)


HANDLERS = {"GetJobs": get_jobs, "ListJobs": list_jobs, "GetJob": get_job}
