"""What a rule looks at, by the name that its tool gives to the kind of rule."""

from catalog.quality.formats.values import Dimension

_WORDS = (
    (Dimension.TIMELINESS, ("freshness", "recency", "datediff")),
    (Dimension.COMPLETENESS, ("not_null", "to_not_be_null", "missing", "null", "not_empty", "completeness")),
    (Dimension.UNIQUENESS, ("unique", "duplicate", "distinct")),
    (Dimension.CONSISTENCY, ("relationship", "reference", "pair", "equal_to_other", "match_ordered", "schema", "equality")),
    (Dimension.VOLUME, ("row_count", "count_to_")),
    (
        Dimension.VALIDITY,
        (
            "accepted", "between", "in_set", "regex", "invalid", "valid", "type", "range", "format", "json", "strftime",
            "length", "like_pattern", "min", "max", "avg", "sum", "stddev", "percentile", "expression",
        ),
    ),
)  # fmt: skip


def find_dimension(kind: str) -> Dimension:
    """The first that fits: `expect_column_values_to_not_be_null` is of completeness."""
    name = kind.lower()
    for dimension, words in _WORDS:
        if any(word in name for word in words):
            return dimension
    return Dimension.UNKNOWN


def parse_dimension(said: str) -> str:
    """As people wrote it, if it is one of ours."""
    word = said.strip().lower()
    return word if word in set(Dimension) else Dimension.UNKNOWN
