"""Reads JSON of unknown origin within limits."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from catalog.quality.formats.values import UnreadableReport
from kernel.iso_times import parse_iso_time
from kernel.storable_text import replace_unstorable

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
MAX_REPORTS = 500
MAX_RULES = 10_000
"""Of all reports of a file."""
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
        level = [one for each in level for one in _list_children(each)]
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
