"""Precision and recall by kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.classification.detection import ColumnSample, detect_column
from catalog.classification.kinds import PERSONAL_KINDS
from tools.bench.classification.labelled_columns import TODAY, LabelledColumn


@dataclass(frozen=True)
class KindScore:
    """Of one kind: columns found rightly, found wrongly and missed."""

    kind: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0


def detect_kind(column: LabelledColumn, *, with_values: bool = True) -> str:
    """The personal kind that is detected, or empty."""
    sample = ColumnSample(column.name, column.type, column.values if with_values else ())
    found = detect_column(sample, TODAY)
    return found.kind.value if found and found.kind in PERSONAL_KINDS else ""


def score_kinds(columns: Iterable[LabelledColumn], *, with_values: bool = True) -> list[KindScore]:
    pairs = [(one.kind, detect_kind(one, with_values=with_values)) for one in columns]
    return [
        KindScore(
            kind.value,
            right=sum(label == found == kind for label, found in pairs),
            wrong=sum(found == kind != label for label, found in pairs),
            missed=sum(label == kind != found for label, found in pairs),
        )
        for kind in PERSONAL_KINDS
    ]


def sum_scores(scores: Iterable[KindScore]) -> KindScore:
    """Of all kinds together."""
    every = list(scores)
    right, wrong, missed = (sum(getattr(one, name) for one in every) for name in ("right", "wrong", "missed"))
    return KindScore("all kinds", right, wrong, missed)
