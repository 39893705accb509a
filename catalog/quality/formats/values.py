"""What a result file says, whichever tool wrote it."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kernel.iso_times import parse_iso_time
from kernel.storable_text import replace_unstorable

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_OF_ONE_ROW = frozenset(
    {"min", "max", "minimum", "maximum", "least", "greatest", "smallest", "largest", "median", "percentile", "quantile"}
)  # fmt: skip


class Tool(StrEnum):
    DBT = "dbt"
    GREAT_EXPECTATIONS = "great_expectations"
    SODA = "soda"
    OPENLINEAGE = "openlineage"
    OTHER = "other"


class Dimension(StrEnum):
    """What a rule looks at; empty where the rule's name does not say it."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VOLUME = "volume"
    UNKNOWN = ""


class UnreadableReport(Exception):  # noqa: N818 - a name that callers know
    """The file is none that is understood. `path` is the place in it, with dots; empty for the file as a whole."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message, self.path = message, path


@dataclass(frozen=True)
class RuleResult:
    """`passed` is None if the tool did not tell; with `is_error` it tried, and the rule counts as not passed. No text holds a
    value of the data: `observed` is a number with its unit.

    `is_warning`: it did not pass, and the people who wrote the rule call that a warning. `failed_rows` of `total_rows` broke it, if
    the tool counted them.
    """

    name: str
    dimension: str = ""
    column: str = ""
    passed: bool | None = None
    observed: str = ""
    expected: str = ""
    message: str = ""
    is_warning: bool = False
    is_error: bool = False
    failed_rows: int | None = None
    total_rows: int | None = None


@dataclass(frozen=True)
class Report:
    """One dataset as one run tested it. `dataset_name` is as the tool names it; empty if it does not."""

    tool: str
    tool_version: str
    dataset_name: str
    started_at: datetime | None
    finished_at: datetime | None
    rules: tuple[RuleResult, ...]


def names_value_of_row(kind: str) -> bool:
    """Whether what a rule or metric of this name observes may be the value of one row: `Column.amount.Maximum`, `min(amount)`."""
    words = {word.lower() for word in _WORDS.findall(kind)}
    return bool(words & _OF_ONE_ROW) or {"custom", "sql"} <= words


_DIMENSION_WORDS = (
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
    for dimension, words in _DIMENSION_WORDS:
        if any(word in name for word in words):
            return dimension
    return Dimension.UNKNOWN


def parse_dimension(said: str) -> str:
    """As people wrote it, if it is one of ours."""
    word = said.strip().lower()
    return word if word in set(Dimension) else Dimension.UNKNOWN


MAX_BYTES = 20_000_000
MAX_DEPTH = 60
MAX_REPORTS = 500
MAX_RULES = 10_000
"""Rules of all reports of a file."""
MAX_TEXT_LENGTH = 300
MAX_NAME_LENGTH = 1000

Found = Mapping[str, Any]


def load_object(body: bytes) -> Found:
    """Raises UnreadableReport."""
    if len(body) > MAX_BYTES:
        raise UnreadableReport(f"The file has more than {MAX_BYTES // 1_000_000} MB.")
    try:
        found = json.loads(body, parse_constant=lambda _name: None)
    except UnicodeDecodeError as error:
        raise UnreadableReport("The file is not in UTF-8.") from error
    except json.JSONDecodeError as error:
        raise UnreadableReport(f"The file is not JSON: line {error.lineno}, column {error.colno}.") from error
    except ValueError as error:
        raise UnreadableReport("The file has a number that is too long.") from error
    except RecursionError as error:
        raise UnreadableReport("The file is nested too deeply.") from error
    if not isinstance(found, dict):
        raise UnreadableReport("The file must hold a JSON object.")
    _check_depth(found)
    # Also in names, which error messages repeat: JSON can escape one, and UTF-8 can't encode it.
    text = json.dumps(found, ensure_ascii=False)
    storable = replace_unstorable(text)
    return found if storable == text else json.loads(storable)


def _check_depth(found: object) -> None:
    level = [found]
    for _depth in range(MAX_DEPTH):
        level = [child for each in level for child in _list_children(each)]
        if not level:
            return
    raise UnreadableReport("The file is nested too deeply.")


def _list_children(one: object) -> Iterator[object]:
    children = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return (child for child in children if isinstance(child, dict | list))


def get_object(found: Found, name: str) -> Found:
    """Empty if there is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def get_list(found: Found, name: str, path: str) -> list[Any]:
    """Raises UnreadableReport if it is something else."""
    value = found.get(name)
    if not isinstance(value, list):
        raise UnreadableReport("This must be a list.", join_path(path, name))
    return value


def iterate_objects(found: Found, name: str, path: str = "") -> Iterator[tuple[str, Found]]:
    """The objects of a list with their places. Raises UnreadableReport."""
    place = join_path(path, name)
    for number, one in enumerate(get_list(found, name, path)):
        if not isinstance(one, dict):
            raise UnreadableReport("This must be an object.", f"{place}.{number}")
        yield f"{place}.{number}", one


def get_text(found: Found, name: str, longest: int = MAX_TEXT_LENGTH) -> str:
    """One line that can be stored; empty if it is no text."""
    value = found.get(name)
    return clean_text(value, longest) if isinstance(value, str) else ""


def clean_text(text: str, longest: int = MAX_TEXT_LENGTH) -> str:
    line = " ".join(replace_unstorable(text, longest * 4).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def get_number(found: Found, name: str) -> float | None:
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def get_count(found: Found, name: str) -> int | None:
    number = get_number(found, name)
    return int(number) if number is not None and 0 <= number < 2**63 else None


def format_number(number: float) -> str:
    return f"{round(number, 4):,.4f}".rstrip("0").rstrip(".")


def get_time(found: Found, name: str) -> datetime | None:
    """In UTC; None if it is no time."""
    value = found.get(name)
    return parse_iso_time(value) if isinstance(value, str) else None


def join_path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
