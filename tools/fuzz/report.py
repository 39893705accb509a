"""What a run of the fuzzer found."""

import re
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """An answer that the document does not allow, or of 5xx. `curl` repeats the call."""

    operation: str
    caller: str
    kind: str
    message: str
    curl: str

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for findings that are alike but for their values."""
        return self.operation, self.kind, re.sub(r"[0-9a-f]{12,}|\d+", "#", self.message)[:120]

    def format(self) -> str:
        return f"{self.operation} as {self.caller}: {self.kind}\n{self.message}\n{self.curl}"


@dataclass
class FuzzReport:
    seed: int
    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.calls > 0 and not self.findings

    def add(self, finding: Finding) -> None:
        """The first of its kind stays."""
        self.findings.setdefault(finding.key, finding)

    def format(self) -> str:
        answered = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        lines = [finding.format() for finding in self.findings.values()]
        verdict = f"{len(self.findings)} findings" if self.findings else "no finding"
        return "\n\n".join([*lines, f"Seed {self.seed}: {self.calls} calls, {verdict} ({answered})"])
