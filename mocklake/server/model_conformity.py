"""Whether what mocklake answers is what AWS's models let a client expect.

Members, types, enumerations and needed members of an answer; the code of a refusal. botocore's own reading is lenient:
it passes over what it does not know, so a misspelt member would show as an absent one.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from botocore.model import OperationModel, Shape

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.world import World

Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]

COMMON = frozenset({
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "MocklakeNotImplemented", "ExpiredToken",
    "ExpiredTokenException", "InternalFailure", "InvalidParameterValue", "InvalidSignatureException",
    "MissingParameter", "SerializationException", "ServiceUnavailable", "ServiceUnavailableException", "Throttling",
    "ThrottlingException", "ValidationError", "ValidationException",
})  # fmt: skip
"""What any operation may answer: AWS General Reference, common errors; and mocklake's own word for what it lacks."""
REPORTED = frozenset({
    ("GrantPermissions", "AlreadyExistsException"),
    ("ListPermissions", "EntityNotFoundException"),
})  # fmt: skip
"""Errors that AWS was seen to give though its model does not have them; a switch makes mocklake give them."""
ECHOES = frozenset({"BatchPermissionsRequestEntry"})
_NUMBERS: dict[str, tuple[type, ...]] = {
    "integer": (int,), "long": (int,), "float": (int, float), "double": (int, float),
}  # fmt: skip


class MisfitError(AwsError):
    """An answer or a refusal that AWS's model does not have: a mistake of mocklake, said so to the client."""

    def __init__(self, problem: str) -> None:
        super().__init__("InternalFailure", f"mocklake does not keep to AWS's model: {problem}", status=500)


def held_to_model(operation: OperationModel, handler: Handler) -> Handler:
    """The handler, which raises MisfitError where it leaves the model."""

    def checked(world: World, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = handler(world, caller, parameters)
        except AwsError as error:
            if isinstance(error, MisfitError) or is_modelled(operation, error.code):
                raise
            raise MisfitError(f"{operation.name} has no error {error.code} ({error.message})") from error
        problems = misfits(operation, answer)
        if problems:
            raise MisfitError("; ".join(problems))
        return answer

    return checked


def misfits(operation: OperationModel, answer: dict[str, Any]) -> list[str]:
    """A sentence for each place where an answer is not what the model says."""
    shape = operation.output_shape
    if shape is None:
        return [f"{operation.name} answers nothing, not {answer}"] if answer else []
    return list(_structure(answer, shape, operation.name))


def is_modelled(operation: OperationModel, code: str) -> bool:
    """Whether a client could look for the error by its code: as AWS sends it, or by its exception's name."""
    names = {shape.name for shape in operation.error_shapes}
    codes = {getattr(shape, "error_code", "") for shape in operation.error_shapes}
    return code in names | codes | COMMON or (operation.name, code) in REPORTED


def _value(value: Any, shape: Any, where: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            yield from _structure(value, shape, where)
        case "list" if isinstance(value, (list, tuple, set, frozenset)):
            for index, one in enumerate(value):
                yield from _value(one, shape.member, f"{where}[{index}]")
        case "map" if isinstance(value, dict):
            for name, one in value.items():
                yield from _value(name, shape.key, f"{where} key {name}")
                yield from _value(one, shape.value, f"{where}.{name}")
        case _:
            if not _is_of_kind(value, shape):
                yield f"{where} is no {shape.type_name}: {value!r}"
            elif getattr(shape, "enum", None) and value not in shape.enum:
                yield f"{where} is none of {', '.join(shape.enum)}: {value!r}"


def _structure(value: Any, shape: Any, where: str) -> Iterator[str]:
    """A document, such as a type of Iceberg, is any JSON; an echo is what the caller sent."""
    if getattr(shape, "is_document_type", False) or shape.name in ECHOES:
        return
    if not isinstance(value, dict):
        yield f"{where} is no structure: {value!r}"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name} is missing"
    for name, one in value.items():
        if name not in shape.members:
            yield f"{where}.{name} is not in AWS's model"
        elif one is None:
            yield f"{where}.{name} is null"
        else:
            yield from _value(one, shape.members[name], f"{where}.{name}")
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield f"{where} has {len(value)} members of a union"


def _is_of_kind(value: Any, shape: Shape) -> bool:
    kind = shape.type_name
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in _NUMBERS:
        return isinstance(value, _NUMBERS[kind]) and not isinstance(value, bool)
    if kind == "timestamp":
        return isinstance(value, (datetime, int, float)) and not isinstance(value, bool)
    if kind == "blob":
        return isinstance(value, bytes)
    return False
