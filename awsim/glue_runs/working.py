"""Calls of the catalog that a run makes in its role's name: allowed, recorded and told of like a client's."""

import uuid
from typing import Any

from awsim import glue
from awsim.errors import AwsError
from awsim.glue import column_statistics
from awsim.glue_runs.due import queue_of
from awsim.glue_runs.roles import GLUE
from awsim.iam.caller_policies import require
from awsim.iam.callers import Caller
from awsim.served_call import Happening
from awsim.world import World


def call(world: World, who: Caller, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """AwsError as the handler raises it, or in IAM's words."""
    action = column_statistics.IAM_ACTIONS.get(operation, operation)
    done = Happening("glue", operation, who.region, str(uuid.uuid4()), GLUE, GLUE, who, params)
    queue_of(world).done.append(done)
    try:
        require(who, f"glue:{action}", None)
        done.answer = glue.HANDLERS[operation](world, who, params)
    except AwsError as error:
        done.code, done.message = error.code, error.message
        raise
    return done.answer
