"""Expected errors of actions, with a message for the person. Nothing was changed."""

from kernel.verdicts import Verdict


class RefusedError(Exception):
    """The request is invalid. `message` is for the person; `field` names the input, or is empty."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ForbiddenError(Exception):
    """The person may see the object but not do this; the verdict holds the reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class IllegalTransitionError(Exception):
    """The object is no longer in a state from which this transition leads."""

    def __init__(self, origin: str, target: str) -> None:
        super().__init__(f"cannot go from {origin} to {target}")
        self.origin = str(origin)
        self.target = str(target)


class NotFoundError(Exception):
    """The object does not exist, or this person may not see it."""


def require_allowed(verdict: Verdict) -> None:
    """Raise ForbiddenError unless the verdict allows."""
    if not verdict:
        raise ForbiddenError(verdict)
