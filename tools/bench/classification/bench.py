"""Precision and recall of the detectors, by kind, on columns that they were not tuned with."""

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.classification.detection import ColumnSample, detect_column
from catalog.classification.kinds import PERSONAL_KINDS
from tools.bench.classification.labelled_columns import (
    TODAY,
    LabelledColumn,
    read_columns,
    read_published_columns,
)
from tools.bench.report import BenchReport, at_least, at_most

HELP = "The detectors of personal data: precision and recall by kind on labelled columns."
MIN_PRECISION, MIN_RECALL = 0.9, 0.9
MIN_PRECISION_BY_NAME = 0.85
MIN_PUBLISHED_RECALL = 0.7
"""By name alone: a sample finds more."""
MAX_MILLISECONDS = 50.0
"""For one column of 40 values."""


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """It has none of its own: the file is the same at each run."""


def run(board: BenchReport, _options: dict[str, Any]) -> None:
    columns = read_columns()
    began = time.perf_counter()
    scores = score_kinds(columns)
    taken = (time.perf_counter() - began) * 1000 / len(columns)
    for one in scores:
        board.add_figure(f"{one.kind}: precision", one.precision, "", must=at_least(MIN_PRECISION))
        board.add_figure(f"{one.kind}: recall", one.recall, "", must=at_least(MIN_RECALL))
    for one in score_kinds(columns, with_values=False):
        board.add_figure(
            f"{one.kind}: precision by name alone", one.precision, "", must=at_least(MIN_PRECISION_BY_NAME)
        )
        board.add_figure(f"{one.kind}: recall by name alone", one.recall, "")
    published = sum_scores(score_kinds(read_published_columns()))
    board.add_figure("published schemas: precision", published.precision, "", must=at_least(MIN_PRECISION))
    board.add_figure("published schemas: recall", published.recall, "", must=at_least(MIN_PUBLISHED_RECALL))
    board.add_figure("one column", taken, "ms", must=at_most(MAX_MILLISECONDS))


@dataclass(frozen=True)
class KindScore:
    """Counts the columns of one kind that are found rightly, found wrongly and missed."""

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
    pairs = [(column.kind, detect_kind(column, with_values=with_values)) for column in columns]
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
    """Sums up all kinds together."""
    every = list(scores)
    right, wrong, missed = (sum(getattr(one, name) for one in every) for name in ("right", "wrong", "missed"))
    return KindScore("all kinds", right, wrong, missed)
