"""YAML as plain values, read strictly, with the line of every place in it.

Only text, numbers, truth values, lists and mappings are read, as the safe loader reads them: no tags, no aliases, no
merged or doubled keys. What YAML would turn into something else than it looks like, such as a date, is refused.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML came with it: a tenth of the time."""
_DEEPEST = 100
_PLAIN = {"str", "int", "float", "bool", "null"}
_SURPRISES = {"timestamp": "a date", "merge": "a merged key", "value": "a default value"}


@dataclass
class Document:
    """`lines` has the line of each place, such as `accounts[0].id`; the whole is the empty place."""

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)


def read(text: str) -> Document:
    """Raises ValueError with the line; an empty text is an empty mapping."""
    document = Document()
    try:
        _check_depth(text)
        loader = _LOADER(text)
        node = loader.get_single_node()
        document.value = {} if node is None else _Reader(loader, document.lines).value(node, "")
    except yaml.MarkedYAMLError as error:
        raise ValueError(_told(error)) from error
    except yaml.reader.ReaderError as error:
        raise ValueError(f"the character at {error.position} is not allowed") from error
    return document


def at(where: str, name: str) -> str:
    """The place of a member."""
    return f"{where}.{name}" if where else name


def _check_depth(text: str) -> None:
    """Before it is read as a whole, which goes down with each level."""
    depth: int = 0
    event: Any
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError(f"line {event.start_mark.line + 1}: it is nested too deeply")


def _told(error: yaml.MarkedYAMLError) -> str:
    mark: Any = error.problem_mark or error.context_mark
    said = " ".join(part for part in (error.context, error.problem) if part)
    return f"line {mark.line + 1}: {said}" if mark else said


class _Reader:
    def __init__(self, loader: Any, lines: dict[str, int]) -> None:
        self._loader = loader
        self._lines = lines
        self._met: set[int] = set()

    def value(self, node: Node, where: str) -> Any:
        self._lines[where] = node.start_mark.line + 1
        if id(node) in self._met:
            raise _refusal(node, f"{where} repeats another place by an alias: write it out")
        self._met.add(id(node))
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if isinstance(node, MappingNode) and kind == "map":
            return self._mapping(node, where)
        if isinstance(node, SequenceNode) and kind == "seq":
            return [self.value(one, f"{where}[{index}]") for index, one in enumerate(node.value)]
        return self._scalar(node, where, kind)

    def _mapping(self, node: MappingNode, where: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise _refusal(key, f"{where or 'the file'} has a key that is no text: put it in quotes")
            if key.value in found:
                raise _refusal(key, f"{at(where, key.value)} stands twice")
            found[key.value] = self.value(value, at(where, key.value))
        return found

    def _scalar(self, node: Node, where: str, kind: str) -> Any:
        if isinstance(node, ScalarNode) and kind in _PLAIN:
            return self._loader.construct_object(node)
        if isinstance(node, ScalarNode) and kind in _SURPRISES:
            raise _refusal(node, f"{where} reads as {_SURPRISES[kind]}: put it in quotes")
        raise _refusal(node, f"{where} has a tag, {node.tag}, which is not read")


def _refusal(node: Node, text: str) -> ValueError:
    return ValueError(f"line {node.start_mark.line + 1}: {text}")
