"""Errors in the words of the model: not every call of Glue knows InvalidInputException."""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.protocols import model
from mocklake.world import World

CODE = "InvalidInputException"
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]


def fitted(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The same handlers, asked with what the model allows; ValidationException where it knows no other refusal."""
    return {name: _fitted(name, handler) for name, handler in handlers.items()}


def _fitted(operation: str, handler: Handler) -> Handler:
    @wraps(handler)
    def handle(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return handler(world, caller, params)
        except AwsError as error:
            if error.code != CODE or CODE in _modelled(operation):
                raise
            raise AwsError("ValidationException", error.message) from error

    return handle


@cache
def _modelled(operation: str) -> frozenset[str]:
    return frozenset(shape.name for shape in model("glue").operation_model(operation).error_shapes)
