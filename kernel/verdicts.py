"""The answer of every `may_…` question."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Allowed or not; `reason` is the sentence for the person, empty when allowed."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(allowed=True)


def refusal(reason: str) -> Verdict:
    return Verdict(allowed=False, reason=reason)


def find_common_refusal(verdicts: Sequence[Verdict]) -> Verdict:
    """The first of several ways to the same thing if all are refused; allowed if one is, or there is none."""
    return verdicts[0] if verdicts and not any(verdicts) else ALLOWED
