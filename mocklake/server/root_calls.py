"""Calls made as an account's root, from inside: checked against the service's model as a client would."""

import uuid
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator

from mocklake import glue, lakeformation, partitions, protocols, ram
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.served_call import Happening
from mocklake.server.simulator import Simulator
from mocklake.validation.requests import validated
from mocklake.world import World

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
        return partitions.root_arn(self.account, self.region)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """ValueError for parameters that do not fit the model; AwsError as the handler raises it."""
        _check(service, operation, params)
        caller = Caller(self.account, self.region, self.arn, self.arn, "control")
        call = Happening(service, operation, self.region, str(uuid.uuid4()), caller=caller, parameters=params)

        def handle(asked: dict[str, Any]) -> dict[str, Any]:
            checked = validated(service, operation, asked, self.world.switches)
            return HANDLERS[service][operation](self.world, caller, checked)

        try:
            call.answer = self.simulator.effects.seen(caller, service, operation, params, handle)
        except AwsError as error:
            call.code, call.message = error.code, error.message
            raise
        finally:
            self._record(call)
        return call.answer

    def _record(self, call: Happening) -> None:
        self.simulator.calls.add(
            time=self.world.now().isoformat(),
            account=self.account,
            principal=self.arn,
            service=call.service,
            operation=call.operation,
            region=self.region,
            error=call.code,
            request_id=call.request_id,
        )
        self.simulator.follow(call)


def _check(service: str, operation: str, params: dict[str, Any]) -> None:
    shape: Any = protocols.model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        raise ValueError(f"{operation}: {report.generate_report()}")
