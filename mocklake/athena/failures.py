"""Why a request is refused, and why a query ends FAILED: that text becomes `StateChangeReason`."""

from mocklake.errors import AwsError


class QueryFailedError(Exception):
    """Carries the reason in Athena's words."""


def invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)
