"""Who may do what in S3: identity policy and bucket policy together, before moto is asked.

Inside one account either of the two may allow; across accounts both must. An explicit deny in either
prevails. moto itself looks at neither the role's policies nor at principals in bucket policies.
"""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote

from werkzeug import Request

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.caller_policies import identity_decision
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision, decide, statements


def authorise(caller: Caller, request: Request) -> str:
    """The account whose S3 shall serve the request. Raises AwsError AccessDenied (403)."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    if not bucket:
        _refuse_unless(_may(caller, "s3:ListAllMyBuckets", "*", None, {}), caller, "s3:ListAllMyBuckets", "*")
        return caller.account
    action, arn = _asked(request, bucket, key, caller.partition)
    _check_partition(caller, action, bucket)
    context = _context(request)
    _refuse_unless(_may(caller, action, arn, bucket, context), caller, action, arn)
    source = unquote(request.headers.get("x-amz-copy-source", "")).lstrip("/").partition("?")[0]
    if source:
        read = f"arn:{caller.partition}:s3:::{source}"
        allowed = _may(caller, "s3:GetObject", read, source.partition("/")[0], context)
        _refuse_unless(allowed, caller, "s3:GetObject", read)
    return moto_bridge.bucket_owner(bucket) or caller.account


def _check_partition(caller: Caller, action: str, bucket: str) -> None:
    """NoSuchBucket (404): names are looked up within a partition (S3 User Guide, bucketnamingrules)."""
    owner = moto_bridge.bucket_owner(bucket)
    elsewhere = owner is not None and moto_bridge.account_partition(owner) != caller.partition
    if elsewhere and action != "s3:CreateBucket":
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", status=404)


def _may(caller: Caller, action: str, resource: str, bucket: str | None, context: Mapping[str, str]) -> bool:
    """A session's own policy narrows whatever else allows."""
    narrowed = None if resource == "*" else resource
    rules = statements(caller.policy)
    if caller.policy and decide(rules, action, narrowed, context=context) is not Decision.ALLOW:
        return False
    return may(caller.arn, action, resource, bucket, context)


def may(
    principal_arn: str,
    action: str,
    resource: str,
    bucket: str | None,
    context: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Whether the principal's own policies and the bucket's together allow the action.

    `context` are condition keys of the request; those of the principal and the bucket come by themselves.
    """
    own = identity_decision(principal_arn, action, None if resource == "*" else resource)
    owner = moto_bridge.bucket_owner(bucket) if bucket else None
    if owner is None:
        return own is Decision.ALLOW
    account = principal_arn.split(":")[4]
    if moto_bridge.account_partition(owner) != partitions.of_arn(principal_arn):
        return False
    about = {
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": principal_arn,
        "aws:PrincipalAccount": account,
        "aws:ResourceAccount": owner,
        **context,
    }
    rules = statements(moto_bridge.bucket_policy(bucket or ""))
    theirs = decide(rules, action, resource, principal=principal_arn, context=about)
    if Decision.DENY in (own, theirs):
        return False
    if owner == account:
        return Decision.ALLOW in (own, theirs)
    return own is Decision.ALLOW and theirs is Decision.ALLOW


def _context(request: Request) -> dict[str, str]:
    """Condition keys of the request (IAM service authorization reference, Amazon S3)."""
    given = {
        "s3:prefix": request.args.get("prefix"),
        "s3:delimiter": request.args.get("delimiter"),
        "s3:max-keys": request.args.get("max-keys"),
        "s3:x-amz-acl": request.headers.get("x-amz-acl"),
        "s3:x-amz-server-side-encryption": request.headers.get("x-amz-server-side-encryption"),
        "aws:UserAgent": request.headers.get("User-Agent"),
        "aws:SourceIp": request.remote_addr,
    }
    return {name: value for name, value in given.items() if value is not None}


def operation_of(request: Request) -> str:
    """The call by its IAM action, such as GetObject or ListBucket."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    return (
        _asked(request, bucket, key, partitions.DEFAULT)[0].removeprefix("s3:")
        if bucket
        else "ListAllMyBuckets"
    )


def _asked(request: Request, bucket: str, key: str, partition: str) -> tuple[str, str]:
    arn = f"arn:{partition}:s3:::{bucket}"
    if "delete" in request.args and not key:
        return "s3:DeleteObject", f"{arn}/*"
    actions = moto_bridge.s3_actions("KEY" if key else "BUCKET", request.method)
    chosen = next((actions[name] for name in actions if name in request.args), actions.get("DEFAULT"))
    action = {"HeadBucket": "ListBucket", None: f"{request.method} without an action"}.get(chosen, chosen)
    return f"s3:{action}", f"{arn}/{key}" if key else arn


def _refuse_unless(allowed: bool, caller: Caller, action: str, arn: str) -> None:  # noqa: FBT001
    if not allowed:
        raise AwsError(
            "AccessDenied",
            f'User: {caller.session_arn} is not authorized to perform: {action} on resource: "{arn}"',
            status=403,
        )
