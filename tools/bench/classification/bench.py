"""Precision and recall of the detectors, by kind, on columns that they were not tuned with."""

import argparse
import time
from typing import Any

from tools.bench.classification.labelled_columns import read_columns
from tools.bench.classification.published_columns import read_published_columns
from tools.bench.classification.scores import score_kinds, sum_scores
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
