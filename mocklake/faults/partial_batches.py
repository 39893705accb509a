"""BatchGrantPermissions and BatchRevokePermissions of which some entries fail and the others take effect."""

from collections.abc import Callable
from typing import Any

from mocklake.errors import AwsError

BATCHES = ("BatchGrantPermissions", "BatchRevokePermissions")
DEFAULT_CODE = "InternalServiceException"
Handle = Callable[[dict[str, Any]], dict[str, Any]]


def injected(code: str) -> AwsError:
    return AwsError(code or DEFAULT_CODE, "refused by an injected fault")


def without(params: dict[str, Any], failing: dict[int, AwsError], handle: Handle) -> dict[str, Any]:
    """The answer for the whole batch; the handler is asked with the entries that are not to fail."""
    entries = params.get("Entries", [])
    kept = [entry for index, entry in enumerate(entries) if index not in failing]
    answer = handle({**params, "Entries": kept}) if kept or not failing else {"Failures": []}
    own = [
        {"RequestEntry": entries[index], "Error": {"ErrorCode": error.code, "ErrorMessage": error.message}}
        for index, error in sorted(failing.items())
    ]
    return {**answer, "Failures": [*answer["Failures"], *own]}
