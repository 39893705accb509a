"""Policies as YAML: read, written, compared."""

from typing import Any

import yaml
from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from kernel.strict_yaml import parse_plain_yaml
from kernel.text import DiffLine, compare_lines

MAX_LENGTH = 50_000
"""Characters of one policy."""


def parse_yaml(text: str) -> Any:
    """Plain data; nothing at all is no rules. RefusedError at `rules` with the place."""
    if len(text) > MAX_LENGTH:
        raise RefusedError(
            _("A policy can have at most %(most)s characters.") % {"most": MAX_LENGTH}, "rules"
        )
    data = parse_plain_yaml(text, "rules")
    return [] if data is None else data


def format_yaml(rules: list[dict[str, Any]]) -> str:
    """What `parse_yaml` reads as the same."""
    if not rules:
        return ""
    return yaml.safe_dump(rules, sort_keys=False, allow_unicode=True, width=100)


def diff_rules(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[DiffLine]:
    """What changes from one to the other, with what stays around it."""
    return compare_lines(format_yaml(before).splitlines(), format_yaml(after).splitlines())
