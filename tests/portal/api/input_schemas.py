"""Places of refused inputs, compared with the inputs that the OpenAPI document gives each endpoint."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator

PREFIX = "/api/v1/"


@cache
def get_document() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


def get_operation(method: str, path: str) -> Any:
    """None for an address that is none."""
    try:
        route = resolve(path).route
    except Resolver404:
        return None
    return _map_operations().get((method, _without_names(f"/{route}")))


def list_unknown_places(method: str, path: str, answer: Any) -> list[str]:
    """Pointers and parameters of the answer's errors that the endpoint does not take."""
    operation = get_operation(method, path.partition("?")[0])
    errors = answer.json()["errors"] if operation else []
    pointers = [one["pointer"] for one in errors if "pointer" in one]
    names = {one["name"] for one in operation.get("parameters", ())} if operation else set()
    parameters = [one["parameter"] for one in errors if "parameter" in one]
    return [
        *(pointer for pointer in pointers if not is_pointer_known(operation, pointer)),
        *(parameter for parameter in parameters if parameter not in names),
    ]


def is_pointer_known(operation: Any, pointer: str) -> bool:
    if pointer == "#":
        return True
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    for step in pointer.removeprefix("#/").split("/"):
        schema = next(_list_inner(schema, step), None)
        if schema is None:
            return False
    return True


def _list_inner(schema: Any, step: str) -> Iterator[Any]:
    """What the schema has for a member or the number of an item."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _list_inner(get_document()["components"]["schemas"][name], step)
    for one in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from _list_inner(one, step)
    if step in schema.get("properties", {}):
        yield schema["properties"][step]
    if schema.get("type") == "array" and step.isdecimal():
        yield schema["items"]
    if isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]


def list_operations(path: str) -> list[Any]:
    """Of all methods."""
    path = _without_names(path)
    return [operation for (_method, at), operation in _map_operations().items() if at == path]


@cache
def _map_operations() -> dict[tuple[str, str], Any]:
    return {
        (method, _without_names(path)): operation
        for path, operations in get_document()["paths"].items()
        for method, operation in operations.items()
    }


def _without_names(path: str) -> str:
    """An address with its arguments unnamed, as Django and OpenAPI write them alike."""
    steps = ["{}" if step.startswith(("<", "{")) else step for step in path.split("/")]
    return "/".join(steps)
