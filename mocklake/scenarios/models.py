"""AWS's own models of services and operations, as botocore has them."""

from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel

CLIENTS = {"servicequotas": "service-quotas"}
"""Services whose client has another name than the one that requests are signed for."""


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def model(service: str) -> ServiceModel | None:
    """None for a service that AWS does not have."""
    name = client_name(service)
    return _session().get_service_model(name) if name in _session().get_available_services() else None


def client_name(service: str) -> str:
    """The service's name in boto3 and on the command line."""
    return CLIENTS.get(service, service)


def operation(service: str, name: str) -> OperationModel | None:
    """None for an operation that the service does not have."""
    found = model(service)
    return found.operation_model(name) if found and name in found.operation_names else None
