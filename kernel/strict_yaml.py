"""YAML of people: plain values of a bounded size and depth, without references, each name of a mapping once."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import yaml
from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from kernel.storable_text import UNSTORABLE_CHARACTERS

MAX_DEPTH = 30
"""Lists and mappings in one another."""
_OPENING_TOKENS = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING_TOKENS = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


class _StrictValues(yaml.constructor.SafeConstructor):
    """Plain values. A name that stands in a mapping twice is refused: one of both would be lost unsaid; so is an escape
    for what is no text, which no column holds.
    """

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        if UNSTORABLE_CHARACTERS.search(str(node.value)):
            raise yaml.constructor.ConstructorError(None, None, "the file is not text", node.start_mark)
        return super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - its base's signature
        counts = Counter(key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode))
        if twice := next((name for name, count in counts.items() if count > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"{twice} appears twice", node.start_mark)
        return super().construct_mapping(node, deep)


class StrictLoader(_StrictValues, yaml.SafeLoader):
    """Reads what is no longer than a policy."""


_FastDumper: Any = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper
_FastLoader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _JsonLoader(_StrictValues, _FastLoader):  # type: ignore[misc]
    """What JSON has as well, and nothing else: dates stay text, and names are text."""

    yaml_implicit_resolvers: ClassVar = {
        first: [resolver for resolver in resolvers if resolver[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    yaml_constructors: ClassVar = {
        tag: constructor
        for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in {"null", "bool", "int", "float", "str", "seq", "map"}
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - its base's signature
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        if wrong := [name for name in found if not isinstance(name, str)]:
            said = f"{str(wrong[0])[:40]} must be in quotes"
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
        return found


Path = Sequence[str | int]
"""Names and positions that lead to a value."""


@dataclass(frozen=True)
class YamlDocument:
    """`data` is plain; dates are text."""

    data: Any
    node: yaml.Node

    def find_line(self, path: Path) -> int:
        """The line of the value, or of the nearest one around it that is there."""
        node = self.node
        for step in path:
            below = _step_into(node, step)
            if below is None:
                break
            node = below
        return int(node.start_mark.line) + 1


def parse_plain_yaml(text: str, field: str) -> Any:
    """RefusedError at the field, with the place. None of an empty text."""
    try:
        _check_tokens(text, field, StrictLoader)
        return yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _describe_error(error, field) from error


def parse_yaml_document(text: str, field: str) -> YamlDocument:
    """The same, with the lines of its values. RefusedError, also for an empty text."""
    try:
        _check_tokens(text, field, _JsonLoader)
        loader: Any = _JsonLoader(text)  # type: ignore[call-arg]
        node = loader.get_single_node()
        if node is None:
            raise RefusedError(_("The file is empty."), field)
        return YamlDocument(loader.construct_document(node), node)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _describe_error(error, field) from error


def write_yaml(data: Any) -> str:
    """What `parse_yaml_document` reads as the same."""
    return str(yaml.dump(data, Dumper=_FastDumper, sort_keys=False, allow_unicode=True, width=100))


def _describe_error(error: Exception, field: str) -> RefusedError:
    message = " ".join(str(error).split()) or _("it is nested too deeply")
    return RefusedError(_("This is not valid YAML: %(said)s") % {"said": message}, field)


def _check_tokens(text: str, field: str, loader: Any) -> None:
    """Refuse what no file needs, token by token: the time that PyYAML takes grows with the square of the depth."""
    depth = 0
    for token in yaml.scan(text, Loader=loader):
        if isinstance(token, yaml.AliasToken):
            raise RefusedError(_("YAML references (*) are not supported. Write the values out."), field)
        depth += isinstance(token, _OPENING_TOKENS) - isinstance(token, _CLOSING_TOKENS)
        if depth > MAX_DEPTH:
            raise RecursionError


def _step_into(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None
