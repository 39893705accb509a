"""The detectors keep their precision and recall on labelled columns; the file is the one that its generator makes."""

import pytest

from tools.bench.classification.bench import (
    MIN_PRECISION,
    MIN_PRECISION_BY_NAME,
    MIN_PUBLISHED_RECALL,
    MIN_RECALL,
    KindScore,
    score_kinds,
    sum_scores,
)
from tools.bench.classification.labelled_columns import (
    FILE,
    LabelledColumn,
    format_file,
    read_columns,
    read_published_columns,
)

COLUMNS = read_columns()


def test_the_file_is_made_by_its_generator() -> None:
    assert FILE.read_text(encoding="utf-8") == format_file()


@pytest.mark.parametrize("score", score_kinds(COLUMNS), ids=lambda score: score.kind)
def test_each_kind_is_found_rightly(score: KindScore) -> None:
    assert score.right + score.missed > 0
    assert score.precision >= MIN_PRECISION
    assert score.recall >= MIN_RECALL


def test_harmless_columns_are_among_them() -> None:
    assert sum(column.kind == "" for column in COLUMNS) >= 60


@pytest.mark.parametrize("score", score_kinds(COLUMNS, with_values=False), ids=lambda score: score.kind)
def test_names_alone_are_precise(score: KindScore) -> None:
    assert score.precision >= MIN_PRECISION_BY_NAME


def test_published_schemas_hold_their_floors() -> None:
    score = sum_scores(score_kinds(read_published_columns()))
    assert score.precision >= MIN_PRECISION
    assert score.recall >= MIN_PUBLISHED_RECALL


def test_a_wrong_label_lowers_the_score() -> None:
    wrong = [LabelledColumn(one.name, one.type, "", one.values, "") for one in COLUMNS if one.kind == "iban"]
    assert next(one for one in score_kinds(wrong) if one.kind == "iban").precision == 0
