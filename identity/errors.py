"""What a verb answers when it does not do what was asked: expected, worded for the person, nothing changed."""

from identity.verdicts import Verdict


class RefusedError(Exception):
    """The ask itself does not stand. `message` is for the person; `field` names the input, or is empty."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ForbiddenError(Exception):
    """The person sees the thing but may not do this to it; the verdict holds the reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class NotFoundError(Exception):
    """There is no such thing, or none that this person may see: the two look alike."""


def demand(verdict: Verdict) -> None:
    """ForbiddenError, unless the verdict allows."""
    if not verdict:
        raise ForbiddenError(verdict)
