"""What all that Glue runs has in common: when it is due, in which role's name it calls, and its errors.

AWS takes minutes; here it is seconds (assumed), and what a run does is done as a whole at its end. A run that was
stopped before has done nothing.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Any

from mocklake import glue, partitions
from mocklake.errors import AwsError
from mocklake.glue import column_statistics
from mocklake.iam import principals
from mocklake.iam.callers import Caller, require
from mocklake.protocols import model
from mocklake.served_call import Happening
from mocklake.validation.requests import validated
from mocklake.world import World

NAME = "glue.runs"
STARTING = timedelta(seconds=1)
LASTING = timedelta(seconds=2)
Key = tuple[str, str, str, str]
"""Kind, account, region and the run's id."""
GLUE = "glue.amazonaws.com"
CODE = "InvalidInputException"
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]


@dataclass
class Queue:
    """Runs under way and when each is done."""

    until: dict[Key, datetime] = field(default_factory=dict)
    done: list[Happening] = field(default_factory=list)
    """Calls that a run has made, until they are told of."""


def get_queue(world: World) -> Queue:
    queue: Queue = world.stores.setdefault(NAME, Queue())
    return queue


def begin_run(world: World, key: Key) -> None:
    get_queue(world).until[key] = world.now() + LASTING


def get_run_state(world: World, begun: datetime) -> str:
    """The state of a run under way."""
    return "STARTING" if world.now() < begun + STARTING else "RUNNING"


def find_next_end(world: World) -> datetime | None:
    """When the next run is done."""
    waiting = world.stores.get(NAME)
    return min(waiting.until.values(), default=None) if waiting else None


def settle_runs(
    world: World, finishers: dict[str, Callable[[World, Key], None]], tell: Callable[[Happening], None]
) -> bool:
    """Finishes what is due, the earliest first, and tells of the calls that were made; whether there was any."""
    waiting = world.stores.get(NAME)
    if waiting is None or not waiting.until:
        return False
    now = world.now()
    due = sorted((moment, key) for key, moment in waiting.until.items() if moment <= now)
    for _, key in due:
        del waiting.until[key]
        finishers[key[0]](world, key)
        while waiting.done:
            tell(waiting.done.pop(0))
    return bool(due)


def call_glue(world: World, who: Caller, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """AwsError as the handler raises it, or in IAM's words."""
    action = column_statistics.IAM_ACTIONS.get(operation, operation)
    done = Happening("glue", operation, who.region, str(uuid.uuid4()), GLUE, GLUE, who, params)
    get_queue(world).done.append(done)
    try:
        require(who, f"glue:{action}", None)
        asked = validated("glue", operation, params, world.switches)
        done.answer = glue.HANDLERS[operation](world, who, asked)
    except AwsError as error:
        done.code, done.message = error.code, error.message
        raise
    return done.answer


def check_role(caller: Caller, named: str) -> str:
    """The role's ARN. Raises AwsError as `passed_roles.check`."""
    return principals.check(caller, named, GLUE)


def build_role_caller(arn: str, region: str) -> Caller:
    """Whoever works in the role's name."""
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[1]
    session = f"arn:{partitions.of_region(region)}:sts::{account}:assumed-role/{name}/AWSGlue"
    return Caller(account, region, arn, session, "glue")


def fit_errors(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The same handlers, asked with what the model allows; ValidationException where it knows no other refusal."""
    return {name: _fit_handler(name, handler) for name, handler in handlers.items()}


def _fit_handler(operation: str, handler: Handler) -> Handler:
    @wraps(handler)
    def handle(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return handler(world, caller, params)
        except AwsError as error:
            if error.code != CODE or CODE in _list_modelled_errors(operation):
                raise
            raise AwsError("ValidationException", error.message) from error

    return handle


@cache
def _list_modelled_errors(operation: str) -> frozenset[str]:
    return frozenset(shape.name for shape in model("glue").operation_model(operation).error_shapes)
