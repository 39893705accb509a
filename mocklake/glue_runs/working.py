"""Calls of the catalog that a run makes in its role's name: allowed, recorded and told of like a client's."""

import uuid
from typing import Any

from mocklake import glue
from mocklake.errors import AwsError
from mocklake.glue import column_statistics
from mocklake.glue_runs.due import queue_of
from mocklake.glue_runs.roles import GLUE
from mocklake.iam.callers import Caller, require
from mocklake.served_call import Happening
from mocklake.validation.requests import validated
from mocklake.world import World


def call(world: World, who: Caller, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """AwsError as the handler raises it, or in IAM's words."""
    action = column_statistics.IAM_ACTIONS.get(operation, operation)
    done = Happening("glue", operation, who.region, str(uuid.uuid4()), GLUE, GLUE, who, params)
    queue_of(world).done.append(done)
    try:
        require(who, f"glue:{action}", None)
        asked = validated("glue", operation, params, world.switches)
        done.answer = glue.HANDLERS[operation](world, who, asked)
    except AwsError as error:
        done.code, done.message = error.code, error.message
        raise
    return done.answer
