"""Requests that break AWS's models are refused, and no hostile one makes a handler fail."""

from collections import Counter

import pytest

from mocklake.protocols import PROTOCOL, model
from mocklake.server.operations import HANDLERS
from mocklake.testing.in_process import InProcess
from mocklake.testing.malformed import Generator
from mocklake.tests.validation.raw_requests import Sender, quiet

ACCOUNT = "100000000001"
SERVICES = sorted(service for service in HANDLERS if PROTOCOL[service] != "query")


def _problems(service: str, seed: int, count: int) -> Counter[str]:
    """Failures and accepted violations by their description, over each of the service's operations."""
    sender, generator = Sender(InProcess(seed="example"), ACCOUNT), Generator(service, seed)
    found: Counter[str] = Counter()
    for operation in sorted(HANDLERS[service]):
        for request in generator.requests(operation, count):
            answer = sender.call(service, operation, request.body)
            if answer.status == 500:
                found[f"{operation} fails: {answer.body} for {request.body[:200]!r}"] += 1
            if answer.status == 200 and request.breaks:
                found[f"{operation} takes: {request.breaks}"] += 1
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_few_malformed_requests_of_each_operation(service: str) -> None:
    with quiet():
        assert _problems(service, seed=7, count=3) == {}


@pytest.mark.all
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("service", SERVICES)
def test_many_malformed_requests_of_each_operation(service: str, seed: int) -> None:
    with quiet():
        assert _problems(service, seed, count=13) == {}


@pytest.mark.parametrize("service", ["kms", "sqs"])
def test_motos_services_do_not_fail_either(service: str) -> None:
    sender, generator = Sender(InProcess(), "111111111111"), Generator(service, 7)
    with quiet():
        failed = {
            operation
            for operation in model(service).operation_names
            for request in generator.requests(operation, 2)
            if sender.call(service, operation, request.body).status == 500
        }
    assert failed == set()


@pytest.mark.parametrize(
    "form",
    ["", "&MaxItems=abc", "&Tags.member.1.Key=a&RoleName=a", "&RoleName=&UserName=%00&PolicyDocument=%7B"],
)
def test_iam_does_not_fail_either(form: str) -> None:
    sender = Sender(InProcess(), "111111111111")
    kind = "application/x-www-form-urlencoded"
    with quiet():
        failed = {
            operation
            for operation in model("iam").operation_names
            if sender.send("iam", f"Action={operation}{form}".encode(), Content_Type=kind).status == 500
        }
    assert failed == set()
