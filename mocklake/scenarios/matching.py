"""Whether an answer holds what a scenario expects of it, and what `${…}` in a scenario stands for."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

_PLACE = re.compile(r"\$\{([^}]*)\}")
ANY = "${any}"


def list_differences(wanted: Any, got: Any, where: str = "the answer") -> Iterator[str]:
    """A sentence for each place where the answer lacks what is wanted.

    Mappings are subsets, lists match item by item, `${any}` is anything that is there.
    """
    if wanted == ANY:
        if got is None:
            yield f"{where} is missing"
    elif isinstance(wanted, dict) and isinstance(got, dict):
        for name, one in wanted.items():
            yield from list_differences(one, got.get(name), f"{where}.{name}")
    elif isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            yield f"{where} has {len(got)} items, not {len(wanted)}: {got}"
            return
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from list_differences(one, other, f"{where}[{index}]")
    elif type(wanted) is not type(got) or wanted != got:
        yield f"{where} is {got!r}, not {wanted!r}"


def find_value(path: str, answer: Any) -> Any:
    """What a JMESPath finds in an answer. Raises ValueError for what is no JMESPath."""
    try:
        return jmespath.search(path, answer)
    except JMESPathError as error:
        raise ValueError(f"{path} is no JMESPath: {' '.join(str(error).split())}") from error


def simplify_value(value: Any) -> Any:
    """An answer as YAML could say it: times as ISO text, bytes and streams as text, no metadata."""
    if isinstance(value, dict):
        return {name: simplify_value(one) for name, one in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [simplify_value(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        value = value.read()
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value


class UnknownWordError(ValueError):
    """The text says which word, or which account."""


def get_account_id(accounts: Mapping[str, str], name: str) -> str:
    if name not in accounts:
        raise UnknownWordError(f"the seed has no account {name}")
    return accounts[name]


def fill_words(value: Any, accounts: Mapping[str, str], saved: Mapping[str, Any]) -> Any:
    """The value with every `${…}` in its place; one that is a text by itself keeps the type of what it means.

    `${account.<name>}` is an account's id, `${role.<account>/<role>}` a role's ARN, `${any}` stays as it is,
    and `${name}` is what a step saved. Raises UnknownWordError.
    """
    if isinstance(value, dict):
        return {
            fill_words(name, accounts, saved): fill_words(one, accounts, saved) for name, one in value.items()
        }
    if isinstance(value, list):
        return [fill_words(one, accounts, saved) for one in value]
    if not isinstance(value, str) or value == ANY:
        return value
    whole = _PLACE.fullmatch(value)
    if whole:
        return _get_meaning(whole[1], accounts, saved)
    return _PLACE.sub(lambda found: str(_get_meaning(found[1], accounts, saved)), value)


def _get_meaning(word: str, accounts: Mapping[str, str], saved: Mapping[str, Any]) -> Any:
    kind, _, rest = word.partition(".")
    if kind == "account":
        return get_account_id(accounts, rest)
    if kind == "role":
        account, _, role = rest.partition("/")
        return f"arn:aws:iam::{get_account_id(accounts, account)}:role/{role}"
    if word not in saved:
        raise UnknownWordError(f"no step saved {word}")
    return saved[word]
