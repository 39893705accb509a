"""GetServiceQuota and its like: the applied value of an account, or AWS's default."""

from collections.abc import Callable
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.servicequotas.limits import value_of
from mocklake.servicequotas.published import BY_CODE, QUOTAS, SERVICES, Quota
from mocklake.world import World

PAGE = 100
Value = Callable[[Quota], float]


def get_service_quota(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    quota = _quota(params)
    return {"Quota": _answer(caller, quota, value_of(world, caller.account, caller.region, quota))}


def get_aws_default_service_quota(_world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    quota = _quota(params)
    return {"Quota": _answer(caller, quota, quota.value)}


def list_service_quotas(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """`QuotaCode` narrows to one."""

    def value(quota: Quota) -> float:
        return value_of(world, caller.account, caller.region, quota)

    return _listed(caller, params, value)


def list_aws_default_service_quotas(_world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _listed(caller, params, lambda quota: quota.value)


def list_services(_world: World, _caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those of which mocklake knows quotas."""
    page, more = page_by_key(
        sorted(SERVICES),
        lambda code: {"ServiceCode": code, "ServiceName": SERVICES[code]},
        token=params.get("NextToken"),
        size=min(params.get("MaxResults", PAGE), PAGE),
        code="InvalidPaginationTokenException",
    )
    return {"Services": page} | ({"NextToken": more} if more else {})


def _listed(caller: Caller, params: dict[str, Any], value: Value) -> dict[str, Any]:
    service, code = _service(params), params.get("QuotaCode")
    found = {one.code: one for one in QUOTAS if one.service == service and code in (None, one.code)}
    page, more = page_by_key(
        sorted(found),
        lambda key: _answer(caller, found[key], value(found[key])),
        token=params.get("NextToken"),
        size=min(params.get("MaxResults", PAGE), PAGE),
        code="InvalidPaginationTokenException",
    )
    return {"Quotas": page} | ({"NextToken": more} if more else {})


def _service(params: dict[str, Any]) -> str:
    service = str(params["ServiceCode"])
    if service not in SERVICES:
        raise AwsError(
            "NoSuchResourceException", "The request failed because the specified service does not exist."
        )
    return service


def _quota(params: dict[str, Any]) -> Quota:
    found = BY_CODE.get((_service(params), params["QuotaCode"]))
    if found is None:
        text = "The request failed because the specified service quota does not exist."
        raise AwsError("NoSuchResourceException", text)
    return found


def _answer(caller: Caller, quota: Quota, value: float) -> dict[str, Any]:
    place = partitions.regional_arn(
        "servicequotas", caller.region, caller.account, f"{quota.service}/{quota.code}"
    )
    told = "enforced by mocklake" if quota.enforced else "told, not enforced by mocklake"
    return {
        "ServiceCode": quota.service,
        "ServiceName": SERVICES[quota.service],
        "QuotaArn": place,
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
        "Description": f"{told}; source: {quota.source}",
    }
