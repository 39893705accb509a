"""Service Quotas: published defaults, and what was set for an account; some of them are enforced here."""

from collections.abc import Callable
from typing import Any

from mocklake.iam.callers import Caller
from mocklake.servicequotas import reading
from mocklake.servicequotas.limits import Store, new_store
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "GetAWSDefaultServiceQuota": reading.get_aws_default_service_quota,
    "GetServiceQuota": reading.get_service_quota,
    "ListAWSDefaultServiceQuotas": reading.list_aws_default_service_quotas,
    "ListServiceQuotas": reading.list_service_quotas,
    "ListServices": reading.list_services,
}

__all__ = ["HANDLERS", "Store", "new_store"]
