"""What is done while a seed is made: as an account's root, and with the place in the file when it is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.validate import ParamValidator

from mocklake import cloudtrail, events, glue, lakeformation, moto_bridge, partitions, protocols, ram
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.optional_packages import HAS_QUERIES
from mocklake.validation.requests import validated
from mocklake.world import World

HANDLERS = {
    "cloudtrail": cloudtrail.HANDLERS,
    "events": events.HANDLERS,
    "glue": glue.HANDLERS,
    "lakeformation": lakeformation.HANDLERS,
    "ram": ram.HANDLERS,
}
if HAS_QUERIES:
    from mocklake import athena, glue_runs

    HANDLERS["glue"] = glue.HANDLERS | glue_runs.HANDLERS
    HANDLERS["athena"] = athena.HANDLERS


class PlacedError(ValueError):
    """`where` is the place, such as `catalogs[0].grants[1]`; the text says what AWS or DuckDB refused there."""

    def __init__(self, where: str, text: str) -> None:
        super().__init__(text)
        self.where = where


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Raises PlacedError for what is refused within; the innermost place wins."""
    try:
        yield
    except PlacedError:
        raise
    except (AwsError, ValueError) as error:
        raise PlacedError(where, " ".join(str(error).split("\n\n")[0].split())) from error


def as_root(
    world: World, account: str, region: str, service: str, operation: str, **params: Any
) -> dict[str, Any]:
    """An operation of Lake Formation, Glue, RAM, Athena, CloudTrail or EventBridge, its parameters of our own making. Raises AwsError."""
    arn = partitions.root_arn(account, region)
    asked = validated(service, operation, params, world.switches)
    return HANDLERS[service][operation](world, Caller(account, region, arn, arn, "seed"), asked)


def as_written(
    world: World, account: str, region: str, service: str, operation: str, **params: Any
) -> dict[str, Any]:
    """As `as_root`, for parameters that the file's writer made: ValueError when AWS's model does not know them."""
    shape: Any = protocols.model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        raise ValueError(report.generate_report())
    return as_root(world, account, region, service, operation, **params)


def role_arn(account: str, name: str) -> str:
    return (
        name
        if name.startswith("arn:")
        else f"arn:{moto_bridge.account_partition(account)}:iam::{account}:role/{name}"
    )
