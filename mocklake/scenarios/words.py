"""`${…}` in a scenario: accounts and roles of its seed, and what earlier steps saved."""

import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\$\{([^}]*)\}")
ANY = "${any}"


class UnknownWordError(ValueError):
    """The text says which word, or which account."""


def account_id(accounts: Mapping[str, str], name: str) -> str:
    if name not in accounts:
        raise UnknownWordError(f"the seed has no account {name}")
    return accounts[name]


def filled(value: Any, accounts: Mapping[str, str], saved: Mapping[str, Any]) -> Any:
    """The value with every `${…}` in its place; one that is a text by itself keeps the type of what it means.

    `${account.<name>}` is an account's id, `${role.<account>/<role>}` a role's ARN, `${any}` stays as it is,
    and `${name}` is what a step saved. Raises UnknownWordError.
    """
    if isinstance(value, dict):
        return {filled(name, accounts, saved): filled(one, accounts, saved) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, accounts, saved) for one in value]
    if not isinstance(value, str) or value == ANY:
        return value
    whole = _PLACE.fullmatch(value)
    if whole:
        return _meaning(whole[1], accounts, saved)
    return _PLACE.sub(lambda found: str(_meaning(found[1], accounts, saved)), value)


def _meaning(word: str, accounts: Mapping[str, str], saved: Mapping[str, Any]) -> Any:
    kind, _, rest = word.partition(".")
    if kind == "account":
        return account_id(accounts, rest)
    if kind == "role":
        account, _, role = rest.partition("/")
        return f"arn:aws:iam::{account_id(accounts, account)}:role/{role}"
    if word not in saved:
        raise UnknownWordError(f"no step saved {word}")
    return saved[word]
