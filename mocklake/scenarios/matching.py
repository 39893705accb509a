"""Whether an answer holds what a scenario expects of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from mocklake.scenarios.words import ANY


def differences(wanted: Any, got: Any, where: str = "the answer") -> Iterator[str]:
    """A sentence for each place where the answer lacks what is wanted.

    Mappings are subsets, lists match item by item, `${any}` is anything that is there.
    """
    if wanted == ANY:
        if got is None:
            yield f"{where} is missing"
    elif isinstance(wanted, dict) and isinstance(got, dict):
        for name, one in wanted.items():
            yield from differences(one, got.get(name), f"{where}.{name}")
    elif isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            yield f"{where} has {len(got)} items, not {len(wanted)}: {got}"
            return
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from differences(one, other, f"{where}[{index}]")
    elif type(wanted) is not type(got) or wanted != got:
        yield f"{where} is {got!r}, not {wanted!r}"


def found(path: str, answer: Any) -> Any:
    """What a JMESPath finds in an answer. Raises ValueError for what is no JMESPath."""
    try:
        return jmespath.search(path, answer)
    except JMESPathError as error:
        raise ValueError(f"{path} is no JMESPath: {' '.join(str(error).split())}") from error


def plain(value: Any) -> Any:
    """An answer as YAML could say it: times as ISO text, bytes and streams as text, no metadata."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        value = value.read()
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value
