"""What follows a call that was served: Glue's events about its catalog."""

from awsim.events import best_effort, glue_changes
from awsim.events.entries import envelope
from awsim.faults import Faults
from awsim.happenings import Happening
from awsim.world import World


def arrive(world: World) -> bool:
    """Delivers what is due by awsim's clock; whether anything was."""
    return best_effort.arrive(world)


def follow(world: World, faults: Faults, happening: Happening) -> None:
    """Asked once for each call, after its handler, under the world's lock."""
    if happening.caller is None:
        return
    owner = glue_changes.owner_of(happening)
    if owner not in world.accounts:
        return
    for detail_type, resources, detail in glue_changes.changes_of(happening):
        event = envelope(
            world,
            account=owner,
            region=happening.region,
            source="aws.glue",
            detail_type=detail_type,
            resources=resources,
            detail=detail,
        )
        best_effort.send(world, faults, event, change=happening.operation)
