"""Service Quotas: published defaults, and what was set for an account; some of them are enforced here.

Codes that begin with `mocklake-` are mocklake's own, as no source with AWS's code was found. A quota without a source
for its value is not here: nobody should plan with an invented number.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

__all__ = ["HANDLERS", "Store", "new_store"]
PAGE = 100
EXCEEDED = "ResourceNumberLimitExceededException"
Place = tuple[str, str, str, str]
"""(account, region, service, code)"""
SERVICES = {
    "athena": "Amazon Athena",
    "glue": "AWS Glue",
    "lakeformation": "AWS Lake Formation",
    "ram": "AWS Resource Access Manager (AWS RAM)",
}
LISTED = "AWS General Reference, endpoints and quotas; codes as public listings of Service Quotas show them"
TBAC = "AWS Lake Formation Developer Guide, TBAC-notes"


def get_aws_default_service_quota(_world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    quota = _quota(params)
    return {"Quota": _answer(caller, quota, quota.value)}


def get_service_quota(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    quota = _quota(params)
    return {"Quota": _answer(caller, quota, value_of(world, caller.account, caller.region, quota))}


def list_aws_default_service_quotas(_world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _listed(caller, params, lambda quota: quota.value)


def list_service_quotas(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """`QuotaCode` narrows to one."""

    def value(quota: Quota) -> float:
        return value_of(world, caller.account, caller.region, quota)

    return _listed(caller, params, value)


def list_services(_world: World, _caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The services of which mocklake knows quotas."""
    page, more = page_by_key(
        sorted(SERVICES),
        lambda code: {"ServiceCode": code, "ServiceName": SERVICES[code]},
        token=params.get("NextToken"),
        size=min(params.get("MaxResults", PAGE), PAGE),
        code="InvalidPaginationTokenException",
    )
    return {"Services": page} | ({"NextToken": more} if more else {})


HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "GetAWSDefaultServiceQuota": get_aws_default_service_quota,
    "GetServiceQuota": get_service_quota,
    "ListAWSDefaultServiceQuotas": list_aws_default_service_quotas,
    "ListServiceQuotas": list_service_quotas,
    "ListServices": list_services,
}


@dataclass(frozen=True)
class Quota:
    """`enforced` quotas are looked at by mocklake's handlers, the others are only told."""

    service: str
    code: str
    name: str
    value: float
    source: str
    adjustable: bool = True
    enforced: bool = False


Value = Callable[[Quota], float]


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


@dataclass
class Store:
    """Values that differ from the published ones."""

    values: dict[Place, float] = field(default_factory=dict)


def new_store() -> Store:
    return Store()


def value_of(world: World, account: str, region: str, quota: Quota) -> float:
    return _store(world).values.get((account, region, quota.service, quota.code), quota.value)


def check(
    world: World, catalog_id: str, region: str, quota: Quota, wanted: int, *, code: str = EXCEEDED
) -> None:
    """Raises AwsError when there would be more than the quota; `code` where the operation's model has no other."""
    limit = value_of(world, catalog_id.partition(":")[0], region, quota)
    if wanted > limit:
        text = f"Number of {quota.name} would exceed the limit of {limit:.0f}."
        raise AwsError(code, text)


def put(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Sets a quota of an account in a region, as AWS's support would. Raises ValueError for an unknown one."""
    if asked.keys() != {"account", "region", "service", "code", "value"}:
        raise ValueError("a quota takes account, region, service, code and value")
    quota = BY_CODE.get((asked["service"], asked["code"]))
    value = asked["value"]
    if quota is None:
        raise ValueError(f"there is no quota {asked['code']} of {asked['service']}")
    if asked["account"] not in world.accounts or not isinstance(asked["region"], str):
        raise ValueError("account is an existing account's id, and region is given")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ValueError("value is a number from 0 on")
    _store(world).values[asked["account"], asked["region"], quota.service, quota.code] = float(value)
    return asked


def _store(world: World) -> Store:
    """A world that no server holds may have none yet."""
    store: Store = world.stores.setdefault("servicequotas", new_store())
    return store


DATABASES = Quota("glue", "L-F953935E", "Max databases per account", 10_000, LISTED, enforced=True)
TABLES = Quota("glue", "L-B8497671", "Max tables per database", 200_000, LISTED, enforced=True)
TAGS = Quota("lakeformation", "mocklake-lf-tags", "LF-Tags per catalog", 1_000, TBAC, enforced=True)
TAG_VALUES = Quota("lakeformation", "mocklake-lf-tag-values", "Values per LF-Tag", 1_000, TBAC, enforced=True)
TAGS_ON_RESOURCE = Quota(
    "lakeformation",
    "mocklake-lf-tags-on-resource",
    "LF-Tags per resource",
    50,
    TBAC,
    adjustable=False,
    enforced=True,
)
FILTERS_HELD = Quota(
    "lakeformation",
    "mocklake-filters-held",
    "Data cells filters that a principal holds on a table",
    100,
    "AWS Lake Formation Developer Guide, data-filtering-notes",
    adjustable=False,
    enforced=True,
)
ADMINISTRATORS = Quota(
    "lakeformation",
    "mocklake-administrators",
    "Data lake administrators",
    30,
    "botocore model: lakeformation PutDataLakeSettings",
    adjustable=False,
    enforced=True,
)
QUOTAS = (
    Quota("athena", "L-3CE0BBA0", "Active DDL queries", 20, LISTED),
    Quota("athena", "L-FC5F6546", "Active DML queries", 150, LISTED),
    Quota("athena", "L-56A94400", "DDL query timeout", 600, LISTED, adjustable=False),
    Quota("athena", "L-E80DC288", "DML query timeout", 30, LISTED),
    DATABASES,
    TABLES,
    Quota("glue", "L-94D025B7", "Max tables per account", 1_000_000, LISTED),
    Quota("glue", "L-071ABE08", "Max table versions per table", 100_000, LISTED),
    Quota("glue", "L-337244C9", "Max table versions per account", 1_000_000, LISTED),
    Quota("glue", "L-2C3F5401", "Max partitions per table", 10_000_000, LISTED),
    Quota("glue", "L-FEBBFA7A", "Max partitions per account", 20_000_000, LISTED),
    Quota("glue", "L-D987EC31", "Max functions per account", 100, LISTED),
    Quota("glue", "L-4071B0E3", "Number of crawlers running concurrently per account", 150, LISTED),
    TAGS,
    TAG_VALUES,
    TAGS_ON_RESOURCE,
    FILTERS_HELD,
    ADMINISTRATORS,
    Quota(
        "ram", "mocklake-resource-shares", "Resource shares per account", 5_000, "assumed: from a study note"
    ),
)
BY_CODE = {(quota.service, quota.code): quota for quota in QUOTAS}
