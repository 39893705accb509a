"""The OpenAPI document for readers: its operations by group, and the shapes that they take and answer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator

from portal.api.problems import MEDIA_TYPE

Schema = Mapping[str, Any]
SHAPES = "#/components/schemas/"
MAX_DEPTH = 3
"""Objects within one another in an example; deeper ones are left empty."""
MAX_MEMBERS = 12
"""Of an object in the example of an answer."""
SAMPLE_TEXTS = {
    "date-time": "2026-03-01T09:00:00Z",
    "date": "2026-03-31",
    "uri": "https://data.example.com/",
    "email": "ana@example.com",
    "uuid": "7f1c2f8e-5a4b-4c3d-9e2f-1a2b3c4d5e6f",
    "duration": "P90D",
}
SAMPLES: dict[str, Any] = {"integer": 1, "number": 0.5, "boolean": True, "string": "text"}
LIMITS = {
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
    "minItems": "at least {} items",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "default": "{} if you send none",
}


@dataclass(frozen=True)
class Member:
    """A parameter, or a member of a shape. `shape` is the name of the shape that it is or lists; `place` is a parameter's."""

    name: str
    type: str
    shape: str
    is_required: bool
    description: str
    limits: str
    place: str = ""


@dataclass(frozen=True)
class Shape:
    name: str
    description: str
    members: tuple[Member, ...]
    values: str


@dataclass(frozen=True)
class Answer:
    """`types` are its media types, unless it is a problem."""

    status: str
    description: str
    types: str
    shape: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Member, ...]
    takes: str
    answers: tuple[Answer, ...]
    problems: tuple[Answer, ...]
    call: str
    result: str


@dataclass(frozen=True)
class Group:
    name: str
    description: str
    operations: tuple[Operation, ...]
    shapes: tuple[Shape, ...]


@cache
def read_document() -> dict[str, Any]:
    """As `docs/openapi.yaml` has it, once a process."""
    with override("en"):
        document: dict[str, Any] = json.loads(
            json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str)
        )
    return document


@cache
def list_groups() -> tuple[Group, ...]:
    """In the order of the document's tags, then of the alphabet."""
    document = read_document()
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    by_group: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_group.setdefault(operation["tags"][0], []).append((method, path, operation))
    reader = DocumentReader(document["components"]["schemas"])
    names = [name for name in described if name in by_group]
    return tuple(
        Group(
            name,
            described.get(name, ""),
            tuple(reader.read_operation(*entry) for entry in by_group[name]),
            tuple(reader.read_shape(shape) for shape in reader.list_shapes(by_group[name])),
        )
        for name in [*names, *sorted(by_group.keys() - described.keys())]
    )


def find_group(name: str) -> Group | None:
    return next((group for group in list_groups() if group.name == name), None)


@dataclass(frozen=True)
class DocumentReader:
    shapes: Mapping[str, Schema]

    def read_operation(self, method: str, path: str, operation: Schema) -> Operation:
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        answers = [self.read_answer(status, entry) for status, entry in operation["responses"].items()]
        parameters = tuple(
            self.read_member(parameter["name"], parameter["schema"], parameter)
            for parameter in operation.get("parameters", ())
        )
        return Operation(
            operation["operationId"],
            method.upper(),
            path,
            operation["summary"],
            operation.get("description", ""),
            parameters,
            get_shape(body) if body else "",
            tuple(answer for answer in answers if answer.types),
            tuple(answer for answer in answers if not answer.types),
            self.build_call(method.upper(), path, body, parameters),
            self.build_result(operation["responses"]),
        )

    def read_answer(self, status: str, answer: Schema) -> Answer:
        content = answer.get("content", {})
        types = [name for name in content if name != MEDIA_TYPE]
        shapes = [get_shape(entry.get("schema", {})) for entry in content.values()]
        is_problem = status >= "4" and not types
        text = "" if is_problem else ", ".join(types) or "no body"
        return Answer(status, answer["description"], text, next(filter(None, shapes), ""))

    def read_shape(self, name: str) -> Shape:
        schema = self.shapes[name]
        required = schema.get("required", ())
        return Shape(
            name,
            schema.get("description", ""),
            tuple(
                self.read_member(member, entry, {"required": member in required})
                for member, entry in schema.get("properties", {}).items()
            ),
            ", ".join(map(str, schema.get("enum", ()))),
        )

    def read_member(self, name: str, schema: Schema, source: Schema) -> Member:
        limits = [
            words.format(json.dumps(schema[limit]))
            for limit, words in LIMITS.items()
            if schema.get(limit) is not None
        ]
        values = schema.get("enum") or schema.get("items", {}).get("enum") or ()
        return Member(
            name,
            describe_type(schema),
            get_shape(schema),
            bool(source.get("required")),
            source.get("description") or schema.get("description", ""),
            "; ".join([*([f"one of {', '.join(map(str, values))}"] if values else []), *limits]),
            source.get("in", ""),
        )

    def list_shapes(self, operations: list[tuple[str, str, Schema]]) -> list[str]:
        """What these operations take and answer, directly or within another, by name. Problems have a page of their own."""
        names: set[str] = set()
        waiting = list(chain.from_iterable(list_references(operation) for *_, operation in operations))
        while waiting:
            name = waiting.pop()
            if name not in names and name != "Problem":
                names.add(name)
                waiting += list_references(self.shapes[name])
        return sorted(names)

    def build_call(self, method: str, path: str, body: Schema | None, parameters: tuple[Member, ...]) -> str:
        required = [
            f"{parameter.name}=…"
            for parameter in parameters
            if parameter.place == "query" and parameter.is_required
        ]
        headers = [f"{parameter.name}: …" for parameter in parameters if parameter.place == "header"]
        lines = [f"{method} {path}{'?' if required else ''}{'&'.join(required)}", *headers]
        if body:
            lines += ["Content-Type: application/json", "", self.format_sample(body, is_input=True)]
        return "\n".join(lines)

    def build_result(self, answers: Schema) -> str:
        for status, answer in answers.items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if schema and status < "4":
                return self.format_sample(schema)
        return ""

    def format_sample(self, schema: Schema, *, is_input: bool = False) -> str:
        return json.dumps(self.build_sample(schema, is_input=is_input), indent=2, ensure_ascii=False)

    def build_sample(self, schema: Schema, level: int = 0, *, is_input: bool = False) -> Any:
        """An example of it: members that an input requires, and of an answer the first ones."""
        part = next((schema[entry][0] for entry in ("allOf", "oneOf", "anyOf") if entry in schema), None)
        if "$ref" in schema:
            part = self.shapes[schema["$ref"].removeprefix(SHAPES)]
        if "example" in schema:
            sample = schema["example"]
        elif part:
            sample = self.build_sample(part, level, is_input=is_input)
        elif "enum" in schema:
            sample = schema["enum"][0]
        elif level < MAX_DEPTH and schema.get("type") == "array":
            sample = [self.build_sample(schema["items"], level, is_input=is_input)]
        elif level < MAX_DEPTH and "properties" in schema:
            required = schema.get("required", ()) if is_input else ()
            sample = {
                name: self.build_sample(schema["properties"][name], level + 1, is_input=is_input)
                for name in required or list(schema["properties"])[:MAX_MEMBERS]
            }
        else:
            empty: Any = [] if schema.get("type") == "array" else {}
            sample = SAMPLE_TEXTS.get(schema.get("format", "")) or SAMPLES.get(schema.get("type", ""), empty)
        return sample


def get_shape(schema: Schema) -> str:
    """The first shape that a schema is, or lists."""
    return next(iter(list_references(schema)), "")


def list_references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(SHAPES)
        schema = schema.values()
    if not isinstance(schema, str | int | float | None):
        for entry in schema:
            yield from list_references(entry)


def describe_type(schema: Schema) -> str:
    """`list of string`, `string (date-time) or null`."""
    if name := schema.get("$ref"):
        text = str(name.removeprefix(SHAPES))
    elif part := schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf"):
        text = " or ".join(describe_type(entry) for entry in part)
    elif schema.get("type") == "array":
        text = f"list of {describe_type(schema['items'])}"
    elif isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
        text = f"object of {describe_type(schema['additionalProperties'])}"
    else:
        text = schema.get("type", "any value")
        text += f" ({schema['format']})" if "format" in schema else ""
    return f"{text} or null" if schema.get("nullable") else text
