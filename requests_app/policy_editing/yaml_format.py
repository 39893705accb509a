"""Policies as YAML: read, written, compared."""

from collections.abc import Hashable
from typing import Any

import yaml
from django.utils.translation import gettext as _

from catalog.storable_text import UNSTORABLE_CHARACTERS
from identity.errors import RefusedError
from requests_app.line_diff import DiffLine, compare_lines

MAX_LENGTH = 50_000
"""Characters of one policy."""
MAX_DEPTH = 30
"""Lists and mappings in one another; rules need five."""
_OPENING_TOKENS = (
    yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken, yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken,
)  # fmt: skip
_CLOSING_TOKENS = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


class _StrictLoader(yaml.SafeLoader):
    """Plain values. A name that stands in a mapping twice is refused: one of both would be lost unsaid; so is an escape
    for what is no text, which no column holds.
    """

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        if UNSTORABLE_CHARACTERS.search(str(node.value)):
            raise yaml.constructor.ConstructorError(None, None, "the file is not text", node.start_mark)
        return super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - its base's signature
        names = [key.value for key, _value in node.value]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"{twice} appears twice", node.start_mark)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str) -> Any:
    """Plain data; nothing at all is no rules. RefusedError at `rules` with the place."""
    if len(text) > MAX_LENGTH:
        raise RefusedError(
            _("A policy can have at most %(most)s characters.") % {"most": MAX_LENGTH}, "rules"
        )
    try:
        _check_tokens(text)
        data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        message = " ".join(str(error).split()) or _("it is nested too deeply")
        raise RefusedError(_("This is not valid YAML: %(said)s") % {"said": message}, "rules") from error
    return [] if data is None else data


def _check_tokens(text: str) -> None:
    """Refuse what no rules need, token by token: the time that PyYAML takes grows with the square of the depth."""
    depth = 0
    for token in yaml.scan(text, Loader=_StrictLoader):
        if isinstance(token, yaml.AliasToken):
            raise RefusedError(_("YAML references (*) are not supported. Write the values out."), "rules")
        depth += isinstance(token, _OPENING_TOKENS) - isinstance(token, _CLOSING_TOKENS)
        if depth > MAX_DEPTH:
            raise RecursionError


def format_yaml(rules: list[dict[str, Any]]) -> str:
    """What `parse_yaml` reads as the same."""
    if not rules:
        return ""
    return yaml.safe_dump(rules, sort_keys=False, allow_unicode=True, width=100)


def diff_rules(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[DiffLine]:
    """What changes from one to the other, with what stays around it."""
    return compare_lines(format_yaml(before).splitlines(), format_yaml(after).splitlines())
