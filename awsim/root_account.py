"""Calls made as an account's root, from inside: checked against the service's model as a client would."""

import uuid
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator

from awsim import glue, lakeformation, protocols, ram
from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.simulator import Simulator
from awsim.world import World

HANDLERS = {"lakeformation": lakeformation.HANDLERS, "glue": glue.HANDLERS, "ram": ram.HANDLERS}


@dataclass(frozen=True)
class Root:
    """The root of one account in one region; its calls are recorded like any other."""

    simulator: Simulator
    account: str
    region: str

    @property
    def world(self) -> World:
        return self.simulator.world

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:root"

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """ValueError for parameters that do not fit the model; AwsError as the handler raises it."""
        _check(service, operation, params)
        caller, code = Caller(self.account, self.region, self.arn, self.arn, "control"), ""

        def handle(asked: dict[str, Any]) -> dict[str, Any]:
            return HANDLERS[service][operation](self.world, caller, asked)

        try:
            return self.simulator.manners.seen(caller, service, operation, params, handle)
        except AwsError as error:
            code = error.code
            raise
        finally:
            self._record(service, operation, code)

    def _record(self, service: str, operation: str, code: str) -> None:
        self.simulator.calls.add(
            time=self.world.now().isoformat(),
            account=self.account,
            principal=self.arn,
            service=service,
            operation=operation,
            region=self.region,
            error=code,
            request_id=str(uuid.uuid4()),
        )


def _check(service: str, operation: str, params: dict[str, Any]) -> None:
    shape: Any = protocols.model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        raise ValueError(f"{operation}: {report.generate_report()}")
