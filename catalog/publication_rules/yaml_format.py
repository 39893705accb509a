"""Publication rules as YAML: read and written."""

from dataclasses import fields
from typing import Any

from django.utils.translation import gettext as _

from catalog.publication_rules.rules import Rules, check_rules
from kernel.errors import RefusedError
from kernel.strict_yaml import parse_plain_yaml, write_yaml

MAX_LENGTH = 20_000
"""Characters of a file."""
_TYPES = {one.name: type(one.default) for one in fields(Rules)}


def parse_rules_yaml(text: str) -> Rules:
    """What is left out is no rule. RefusedError at `file` for what is no mapping of the rules, else at the rule."""
    if len(text) > MAX_LENGTH:
        raise RefusedError(_("The file has more than %(most)s characters.") % {"most": MAX_LENGTH}, "file")
    data = parse_plain_yaml(text, "file")
    if data is None:
        return Rules()
    if not isinstance(data, dict):
        raise RefusedError(_("The file must have one rule per line, such as own_tables: true."), "file")
    return check_rules(Rules(**{str(name): _parse_value(str(name), value) for name, value in data.items()}))


def format_rules_yaml(rules: Rules) -> str:
    """What `parse_rules_yaml` reads as the same; every rule, also those that are off."""
    return write_yaml(rules.to_json())


def _parse_value(name: str, value: Any) -> Any:
    kind = _TYPES.get(name)
    if kind is None:
        known = ", ".join(_TYPES)
        raise RefusedError(
            _("There is no rule %(name)s. The rules are: %(known)s.") % {"name": name, "known": known}, "file"
        )
    if kind is tuple and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if kind is tuple:
        raise RefusedError(_("%(name)s must be a list of names.") % {"name": name}, name)
    if type(value) is not kind:
        words = (
            _("%(name)s must be true or false.") if kind is bool else _("%(name)s must be a whole number.")
        )
        raise RefusedError(words % {"name": name}, name)
    return value
