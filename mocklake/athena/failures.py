"""Why a query ends FAILED: the text becomes `StateChangeReason`."""


class QueryFailedError(Exception):
    """Carries the reason in Athena's words."""
