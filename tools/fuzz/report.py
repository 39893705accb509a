"""What a run of the fuzzer found."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

OK = range(200, 300)
PERCENT = 100


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
class OperationCount:
    """Calls by what answered them, `422 blank` or `200`: those of a client, and all."""

    client: Counter[str] = field(default_factory=Counter)
    every: Counter[str] = field(default_factory=Counter)

    @property
    def is_answered(self) -> bool:
        return count_good(self.every) > 0


@dataclass
class FuzzReport:
    seed: int
    operations: dict[str, OperationCount] = field(default_factory=dict)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return sum(operation.every.total() for operation in self.operations.values())

    @property
    def ok(self) -> bool:
        return self.calls > 0 and not self.findings

    def add(self, finding: Finding) -> None:
        """The first of its kind stays."""
        self.findings.setdefault(finding.key, finding)

    def count(self, operation: str, status: int, code: str, *, is_client: bool) -> None:
        """`code` is that of a problem."""
        answer = f"{status} {code}".strip()
        counted = self.operations.setdefault(operation, OperationCount())
        counted.every[answer] += 1
        if is_client:
            counted.client[answer] += 1

    def format(self) -> str:
        statuses = Counter[str]()
        for operation in self.operations.values():
            for answer, count in operation.every.items():
                statuses[answer[:3]] += count
        answered = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        lines = [finding.format() for finding in self.findings.values()]
        verdict = f"{len(self.findings)} findings" if self.findings else "no finding"
        return "\n\n".join(
            [self._format_answered(), *lines, f"Seed {self.seed}: {self.calls} calls, {verdict} ({answered})"]
        )

    def format_operations(self) -> str:
        """A line for each operation: its share of 2xx, and what else answered it."""
        return "\n".join(
            f"{name}: {count_good(one.every)} of {one.every.total()} answered with 2xx; {_format_other(one.every)}"
            for name, one in sorted(self.operations.items())
        )

    def _format_answered(self) -> str:
        """Shares of 2xx, and the operations that were never answered with it, with what answered a client instead."""
        reads = {name: one for name, one in self.operations.items() if name.startswith("GET ")}
        never = [
            f"  {name}: {_format_other(one.client or one.every)}"
            for name, one in sorted(self.operations.items())
            if not one.is_answered
        ]
        answered = len(self.operations) - len(never)
        shares = (
            f"2xx: {answered} of {len(self.operations)} operations; {_compute_share(self.operations)} % of calls,"
            f" {_compute_share(reads)} % of reads; of a client's calls {_compute_client_share(self.operations)} %,"
            f" of its reads {_compute_client_share(reads)} %"
        )
        return "\n".join([shares, *(["Never answered with 2xx:", *never] if never else [])])


def count_good(answers: Counter[str]) -> int:
    return sum(count for answer, count in answers.items() if int(answer[:3]) in OK)


def _format_other(answers: Counter[str]) -> str:
    other = Counter({answer: count for answer, count in answers.items() if int(answer[:3]) not in OK})
    return ", ".join(f"{answer} ({count})" for answer, count in other.most_common(4))


def _compute_share(operations: Mapping[str, OperationCount]) -> int:
    return _divide([operation.every for operation in operations.values()])


def _compute_client_share(operations: Mapping[str, OperationCount]) -> int:
    return _divide([operation.client for operation in operations.values()])


def _divide(counted: list[Counter[str]]) -> int:
    calls = sum(one.total() for one in counted)
    return round(PERCENT * sum(count_good(one) for one in counted) / calls) if calls else 0
