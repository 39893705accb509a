"""Registered S3 locations.

IAM alone says who registers them (DG:register-location); the role must fit (DG:registration-role).

Sources: AWS Lake Formation API Reference, RegisterResource; AWS Lake Formation Developer Guide, service-linked-roles.
"""

import json
from collections.abc import Iterable
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.glue.store import Table
from mocklake.iam import principals
from mocklake.iam.callers import Caller, require
from mocklake.lakeformation.hybrid import registered_at
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.store import Book, Location, book_of, store_of
from mocklake.world import World

PAGE_LIMIT = 1000
FIELDS = {"RESOURCE_ARN": "ResourceArn", "ROLE_ARN": "RoleArn"}
NAME = "AWSServiceRoleForLakeFormationDataAccess"
SERVICE = "lakeformation.amazonaws.com"
POLICY = "LakeFormationDataAccessPolicyForS3"
_OBJECTS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]


def register_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException without a role that Lake Formation may assume, AlreadyExistsException for an ARN that is
    registered.
    """
    book = book_of(world, caller.account, caller.region)
    arn = _check_arn(caller, params["ResourceArn"])
    if arn in book.locations:
        raise AwsError("AlreadyExistsException", f"Resource is already registered: {arn}")
    if bool(params.get("RoleArn")) == bool(params.get("UseServiceLinkedRole")):
        raise AwsError("InvalidInputException", "Either RoleArn or UseServiceLinkedRole must be given.")
    body = {
        "ResourceArn": arn,
        "RoleArn": _role(world, caller, arn, params.get("RoleArn", "")),
        "LastModified": world.now(),
        "WithFederation": params.get("WithFederation", False),
        "HybridAccessEnabled": params.get("HybridAccessEnabled", False),
        "WithPrivilegedAccess": params.get("WithPrivilegedAccess", False),
        "VerificationStatus": "VERIFIED" if params.get("RoleArn") else "NOT_VERIFIED",
        "ExpectedResourceOwnerAccount": params.get("ExpectedResourceOwnerAccount", caller.account),
    }
    book.locations[arn] = Location(arn, body)
    return {}


def update_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    location = _find(book_of(world, caller.account, caller.region), params["ResourceArn"])
    if "RoleArn" in params:
        _role(world, caller, location.arn, params["RoleArn"])
    kept = ("RoleArn", "WithFederation", "HybridAccessEnabled", "ExpectedResourceOwnerAccount")
    location.body |= {name: params[name] for name in kept if name in params}
    location.body["LastModified"] = world.now()
    return {}


def deregister_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book = book_of(world, caller.account, caller.region)
    location = book.locations.pop(_find(book, params["ResourceArn"]).arn)
    if _is_service_linked(location):
        write_policy(caller.account, _service_linked(world, caller.account))
    return {}


def describe_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book = book_of(world, caller.account, caller.region)
    return {"ResourceInfo": dict(_find(book, params["ResourceArn"]).body)}


def list_resources(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Filters: EQ, NE, CONTAINS, NOT_CONTAINS, BEGINS_WITH and IN on the two ARNs."""
    locations = book_of(world, caller.account, caller.region).locations
    conditions = params.get("FilterConditionList", [])

    def items(start: Position | None) -> list[tuple[Position, dict[str, Any]]]:
        del start
        chosen = (one for arn, one in sorted(locations.items()) if _passes(one, conditions))
        return [([one.arn], dict(one.body)) for one in chosen]

    size = page_size(params, PAGE_LIMIT)
    found, more = page(items, shape=(str,), token=params.get("NextToken"), size=size)
    return {"ResourceInfoList": found} | ({"NextToken": more} if more else {})


def registered_location(book: Book, table: Table | None) -> dict[str, Any] | None:
    """The ResourceInfo of the most specific registered location that holds a table's data."""
    found = registered_at(book, table)
    return found.body if found else None


def is_registered(book: Book, arn: str) -> bool:
    return any(arn == location or arn.startswith(location.rstrip("/") + "/") for location in book.locations)


def _role(world: World, caller: Caller, location: str, named: str) -> str:
    """The ARN of the role that is named, else of the service-linked one, which now reaches the location."""
    if named and not named.endswith(f"/{NAME}"):
        return principals.check(caller, named, SERVICE)
    return open_locations(caller, [*_service_linked(world, caller.account), location])


def _service_linked(world: World, account: str) -> list[str]:
    """The locations of all regions that the account's service-linked role reaches."""
    books = (book for (owner, _), book in store_of(world).books.items() if owner == account)
    return [
        location.arn for book in books for location in book.locations.values() if _is_service_linked(location)
    ]


def _is_service_linked(location: Location) -> bool:
    return str(location.body["RoleArn"]).endswith(f"/{NAME}")


def _check_arn(caller: Caller, arn: str) -> str:
    """A bucket or a folder of S3, or table buckets of S3 Tables."""
    s3, s3_tables = partitions.s3_arn(caller.region), f"arn:{caller.partition}:s3tables:"
    is_s3 = arn.startswith(s3) and arn != s3
    if not is_s3 and not (arn.startswith(s3_tables) and ":bucket/" in arn):
        raise AwsError("InvalidInputException", f"Invalid S3 resource ARN: {arn}")
    return arn


def _find(book: Book, arn: str) -> Location:
    if arn not in book.locations:
        raise AwsError("EntityNotFoundException", f"Resource is not registered: {arn}")
    return book.locations[arn]


def _passes(location: Location, conditions: list[dict[str, Any]]) -> bool:
    return all(_fits(location, condition) for condition in conditions)


def _fits(location: Location, condition: dict[str, Any]) -> bool:
    member = FIELDS.get(condition.get("Field", ""))
    if member is None:
        raise AwsError("MocklakeNotImplemented", f"Filter on {condition.get('Field')}.", status=501)
    value, wanted = location.body[member], condition.get("StringValueList", [])
    match condition.get("ComparisonOperator"):
        case "EQ" | "IN":
            return value in wanted
        case "NE":
            return value not in wanted
        case "CONTAINS":
            return any(one in value for one in wanted)
        case "NOT_CONTAINS":
            return all(one not in value for one in wanted)
        case "BEGINS_WITH":
            return any(value.startswith(one) for one in wanted)
        case other:
            raise AwsError("InvalidInputException", f"Comparison {other} does not fit {member}.")


def open_locations(caller: Caller, locations: Iterable[str]) -> str:
    """Lets the role reach these locations and no others; makes it where it is missing. Returns its ARN."""
    arn = f"arn:{caller.partition}:iam::{caller.account}:role/aws-service-role/{SERVICE}/{NAME}"
    require(caller, "iam:PutRolePolicy", arn)
    if moto_bridge.role(caller.account, NAME) is None:
        require(caller, "iam:CreateServiceLinkedRole", arn)
        moto_bridge.iam(caller.account).create_service_linked_role(SERVICE, "", "")
    write_policy(caller.account, locations)
    return arn


def write_policy(account: str, locations: Iterable[str]) -> None:
    """The inline policy; taken away with the last location."""
    arns, backend = sorted({location.rstrip("/") for location in locations}), moto_bridge.iam(account)
    if not arns:
        moto_bridge.role(account, NAME).policies.pop(POLICY, None)  # type: ignore[union-attr]
        return
    buckets = sorted({arn.partition("/")[0] for arn in arns})
    rules = [
        {"Effect": "Allow", "Action": _OBJECTS, "Resource": [f"{arn}/*" for arn in arns]},
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": buckets},
    ]
    backend.put_role_policy(NAME, POLICY, json.dumps({"Version": "2012-10-17", "Statement": rules}))
