"""A request held to its operation's model, with the code that each service refuses it by."""

from typing import Any

from mocklake.errors import AwsError
from mocklake.protocols import model
from mocklake.switches import Switches
from mocklake.validation.constraints import broken
from mocklake.validation.conversion import converted
from mocklake.validation.fitting import fits_of

CODES = {
    "athena": "InvalidRequestException",
    "iam": "ValidationError",
    "ram": "InvalidParameterException",
    "servicequotas": "IllegalArgumentException",
    "sqs": "MissingParameter",
    "sts": "ValidationError",
}
"""SQS's model requires and limits nothing else. Other services answer ValidationException, which is their framework's own; Lake Formation's is a switch."""
PAGE_SIZE = "InvalidMaxResultsException"
"""Where an operation has this error, it is the one for its maxResults."""


def validated(service: str, operation: str, params: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """The parameters as a handler takes them.

    Raises AwsError SerializationException for a value of another type, else the service's code for whatever breaks
    a constraint. Members that the model does not have are passed over, as AWS does.
    """
    if fits_of(service, operation)(params):
        return params
    shape = model(service).operation_model(operation).input_shape
    plain: dict[str, Any] = converted(params, shape)
    problems = broken(service, plain, shape)
    if problems:
        raise _refusal(service, operation, problems, switches)
    return plain


def _refusal(service: str, operation: str, problems: list[str], switches: Switches) -> AwsError:
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    code = CODES.get(service, "ValidationException")
    if service == "lakeformation":
        code = switches.lake_formation_constraint_code
    if "at 'maxResults'" in problems[0] and PAGE_SIZE in _errors(service, operation):
        code = PAGE_SIZE
    return AwsError(code, f"{count}: {'; '.join(problems)}")


def _errors(service: str, operation: str) -> set[str]:
    return {shape.name for shape in model(service).operation_model(operation).error_shapes}
