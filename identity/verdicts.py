"""The answer of every `may_…` question."""

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
