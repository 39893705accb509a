"""What an account does with shares of its own, and with those that Lake Formation made for it.

Sources: RAM API reference; Lake Formation Developer Guide, cross-account-notes (Lake Formation's shares are deleted
here when they are left over). Assumed: beside deleting and tagging, RAM refuses to change Lake Formation's shares, and
refuses Glue's catalogs, databases and tables in shares that an account makes. Things of other services are taken
as they are named: mocklake has none of them, so that such a share opens nothing.

Source: RAM API reference. The same token with other parameters is IdempotentParameterMismatchException.
"""

import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.ram.lookups import own, principal_association, resource_association, share_answer
from mocklake.ram.shares import (
    LAKE_FORMATION,
    Share,
    delete_share,
    get_account,
    get_store,
    invite_principal,
    make_share,
    put_resources,
)
from mocklake.world import World

PRINCIPAL = re.compile(
    r"\d{12}|arn:aws[a-z-]*:(iam::\d{12}:(role|user)/.+|organizations::\d{12}:(organization|ou)/.+)"
)
RESOURCE = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+")
MOST = 100
MOST_TAGS = 50
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]
KEPT = 1_000
LONGEST = 64


def create_resource_share(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With principals and resources at once, or none."""
    allows = params.get("allowExternalPrincipals", True)
    _check(world, caller, params, allows_external=allows)
    share = make_share(world, region=caller.region, owner=caller.account, name=params["name"])
    share.allows_external = allows
    _put_tags(share, params.get("tags", []))
    _associate(world, share, params)
    return {"resourceShare": share_answer(share)}


def associate_resource_share(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    share = _changeable(world, caller, params["resourceShareArn"])
    _check(world, caller, params, allows_external=share.allows_external)
    _associate(world, share, params)
    return {"resourceShareAssociations": _associations(share, params)}


def disassociate_resource_share(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """UnknownResourceException for what is not in the share."""
    share = _changeable(world, caller, params["resourceShareArn"])
    principals, resources = params.get("principals", []), params.get("resourceArns", [])
    for one in (*principals, *resources):
        if one not in share.principals and one not in share.resources:
            raise AwsError("UnknownResourceException", f"{one} is not associated with the resource share.")
    answers = [one | {"status": "DISASSOCIATING"} for one in _associations(share, params)]
    invitations = get_store(world).invitations
    for one in principals:
        del share.principals[one]
        for arn in [arn for arn, sent in invitations.items() if (sent.share, sent.receiver) == (share, one)]:
            del invitations[arn]
    for one in resources:
        del share.resources[one]
    share.updated_at = world.now()
    return {"resourceShareAssociations": answers}


def update_resource_share(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """OperationNotPermittedException to close a share to outsiders that it reaches."""
    share = _changeable(world, caller, params["resourceShareArn"])
    allows = params.get("allowExternalPrincipals", share.allows_external)
    if not allows and any(principal.external for principal in share.principals.values()):
        raise _not_permitted("The resource share has principals outside the organization.")
    share.name, share.allows_external = params.get("name", share.name), allows
    share.updated_at = world.now()
    return {"resourceShare": share_answer(share)}


def delete_resource_share(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Deletes a share of Lake Formation's too: closes every grant that it carried; the rows stay and must be granted again."""
    share = own(world, caller, params["resourceShareArn"])
    if share.status != "DELETED":
        delete_share(world, share)
    return {"returnValue": True}


def tag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    _put_tags(_tagged(world, caller, params), params["tags"])
    return {}


def untag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    share = _tagged(world, caller, params)
    for key in params["tagKeys"]:
        share.tags.pop(key, None)
    return {}


def enable_sharing_with_aws_organization(
    world: World, caller: Caller, params: dict[str, Any]
) -> dict[str, Any]:
    """From then on no account inside needs an invitation; there is no call of RAM's that undoes it."""
    del params
    if caller.account not in world.organisation:
        raise _not_permitted("Your account is not in an organization.")
    get_store(world).shares_in_organisation = True
    return {"returnValue": True}


def promote_resource_share_created_from_policy(
    world: World, caller: Caller, params: dict[str, Any]
) -> dict[str, Any]:
    """There are none such here: every share is a standard one."""
    share = own(world, caller, params["resourceShareArn"])
    raise AwsError("InvalidParameterException", f"Resource share {share.arn} was not created from a policy.")


def _tagged(world: World, caller: Caller, params: dict[str, Any]) -> Share:
    if "resourceShareArn" not in params:
        raise AwsError("InvalidParameterException", "resourceShareArn must be given.")
    return own(world, caller, params["resourceShareArn"])


def _put_tags(share: Share, tags: list[dict[str, str]]) -> None:
    if any("key" not in tag for tag in tags):
        raise AwsError("InvalidParameterException", "A tag must have a key.")
    wanted = share.tags | {tag["key"]: tag.get("value", "") for tag in tags}
    if len(wanted) > MOST_TAGS:
        raise AwsError("TagLimitExceededException", f"A resource share has at most {MOST_TAGS} tags.")
    share.tags = wanted


def _changeable(world: World, caller: Caller, arn: str) -> Share:
    share = own(world, caller, arn)
    if share.maker == LAKE_FORMATION:
        raise _not_permitted("The resource share is managed by AWS Lake Formation.")
    if share.status != "ACTIVE":
        raise AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")
    return share


def _check(world: World, caller: Caller, params: dict[str, Any], *, allows_external: bool) -> None:
    principals, resources = params.get("principals", []), params.get("resourceArns", [])
    if max(len(principals), len(resources)) > MOST:
        raise AwsError("InvalidParameterException", f"A call takes at most {MOST} principals and resources.")
    for one in resources:
        _check_resource(caller, one)
    for one in principals:
        if not PRINCIPAL.fullmatch(one):
            text = f"Principal ID {one} is malformed. Verify the ID and try again."
            raise AwsError("InvalidParameterException", text)
        _check_principal(world, caller, one, allows_external=allows_external)


def _check_resource(caller: Caller, arn: str) -> None:
    if not RESOURCE.fullmatch(arn) or partitions.of_arn(arn) != caller.partition:
        raise AwsError("MalformedArnException", f"The specified resource ARN {arn} is not valid.")
    if arn.split(":")[2] in ("glue", "lakeformation"):
        raise _not_permitted(f"{arn} is shared by granting permissions in AWS Lake Formation.")


def _check_principal(world: World, caller: Caller, principal: str, *, allows_external: bool) -> None:
    inside = get_store(world).shares_in_organisation and caller.account in world.organisation
    if ":organizations:" in principal and not inside:
        raise _not_permitted("Sharing with AWS Organizations is not enabled.")
    account = get_account(principal)
    partition = moto_bridge.account_partition(account) if account else caller.partition
    elsewhere = partition != caller.partition or partitions.of_arn(principal) not in ("", caller.partition)
    if elsewhere or (account and world.accounts and account not in world.accounts):
        text = f"Principal ID {principal} is malformed. Verify the ID and try again."
        raise AwsError("InvalidParameterException", text)
    if account and not allows_external and not world.same_organisation(caller.account, account):
        raise _not_permitted("The resource share does not allow principals outside the organization.")


def _associate(world: World, share: Share, params: dict[str, Any]) -> None:
    put_resources(world, share, params.get("resourceArns", []))
    for principal in params.get("principals", []):
        if principal not in share.principals:
            invite_principal(world, share, principal)
            share.updated_at = world.now()


def _associations(share: Share, params: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *_each(params.get("principals", []), share, principal_association),
        *_each(params.get("resourceArns", []), share, resource_association),
    ]


def _each(
    named: Iterable[str], share: Share, answer: Callable[[Share, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    return [answer(share, one) for one in named]


def _not_permitted(text: str) -> AwsError:
    return AwsError("OperationNotPermittedException", text)


def once(operation: str, handler: Handler) -> Handler:
    """The handler, which does its work once for each token of an account; the answer carries the token."""

    def answer(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        token = params.get("clientToken")
        if token is None:
            return handler(world, caller, params)
        if not token or len(token) > LONGEST:
            raise AwsError("InvalidClientTokenException", f"The client token {token} is not valid.")
        answered, key = get_store(world).answered, (caller.account, operation, token)
        if key not in answered:
            made = handler(world, caller, params) | {"clientToken": token}
            answered[key] = deepcopy(params), made
            _forget_oldest(answered)
        asked, given = answered[key]
        if asked != params:
            text = f"The client token {token} was used with other parameters."
            raise AwsError("IdempotentParameterMismatchException", text)
        return deepcopy(given)

    return answer


def _forget_oldest(answered: dict[tuple[str, str, str], tuple[Any, Any]]) -> None:
    while len(answered) > KEPT:
        del answered[next(iter(answered))]
