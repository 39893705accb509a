"""Who can be granted something, and from which account they are."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.principals import is_known
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS
from mocklake.world import World

EVERYONE = "EVERYONE"
"""Another name of IAM_ALLOWED_PRINCIPALS, which data.all revokes by."""
ACCOUNT = re.compile(r"(\d{12})")
IAM = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/[\w+=,.@/-]+")
FEDERATED = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):saml-provider/[\w.-]+:(user|group)/.+")
QUICKSIGHT = re.compile(r"arn:aws[a-z-]*:quicksight:[a-z0-9-]+:(\d{12}):(user|group)/.+")
ALL_IAM = re.compile(r"(\d{12}):IAMPrincipals")
IDENTITY_CENTER = re.compile(r"arn:aws[a-z-]*:identitystore:::(user|group)/[\w-]+")
ORGANISATION = re.compile(r"arn:aws[a-z-]*:organizations::(\d{12}):organization/o-[a-z0-9]{10,32}")
ORGANISATIONAL_UNIT = re.compile(r"arn:aws[a-z-]*:organizations::(\d{12}):ou/o-[a-z0-9]+/ou-[a-z0-9-]+")


class Who(StrEnum):
    IAM = "iam"
    ACCOUNT = "account"
    ORGANISATION = "organisation"
    ALL_IAM = "all-iam"
    """Every IAM principal of an account, by Lake Formation's permissions (DG:lf-permissions-reference)."""
    FEDERATED = "federated"
    """SAML and QuickSight users and groups."""
    IDENTITY_CENTER = "identity-center"
    EVERYONE = "everyone"


@dataclass(frozen=True)
class Principal:
    """`account` is empty for those that belong to none."""

    id: str
    who: Who
    account: str = ""

    def is_foreign(self, account: str) -> bool:
        return self.who is Who.ORGANISATION or (self.account not in ("", account))


def read(world: World, shape: dict[str, Any] | None, partition: str) -> Principal:
    """InvalidInputException for anything that is no grantee, or whose account does not exist in the caller's partition."""
    name = (shape or {}).get("DataLakePrincipalIdentifier", "")
    if name in (IAM_ALLOWED_PRINCIPALS, EVERYONE):
        return Principal(IAM_ALLOWED_PRINCIPALS, Who.EVERYONE)
    if ORGANISATIONAL_UNIT.fullmatch(name):
        raise AwsError("MocklakeNotImplemented", "Organisational units are not simulated.", status=501)
    principal = _match(name)
    if principal is None or not _exists(world, principal, partition):
        raise AwsError("InvalidInputException", f"Invalid principal, {name}")
    return principal


def require_known(world: World, principal: Principal, asking_account: str) -> None:
    """InvalidInputException for a role or user that does not exist, or not long enough for AWS to know it.

    Identity Center, SAML and QuickSight have no directory here, so that their users and groups are not looked up.
    """
    checks = world.switches.checks_foreign_principals or principal.account == asking_account
    if principal.who is Who.IAM and checks and not is_known(world, principal.id):
        raise AwsError("InvalidInputException", f"Invalid principal, arn: {principal.id}")


def _exists(world: World, principal: Principal, partition: str) -> bool:
    account = principal.account
    if partitions.of_arn(principal.id) not in ("", partition):
        return False
    known = not world.accounts or account in world.accounts
    return not account or (known and moto_bridge.account_partition(account) == partition)


def _match(name: str) -> Principal | None:
    """An organisation and Identity Center's users and groups belong to no account."""
    for pattern, who in _KINDS:
        if found := pattern.fullmatch(name):
            return Principal(name, who, found[1] if who not in _WITHOUT_ACCOUNT else "")
    return None


_KINDS = (
    (ACCOUNT, Who.ACCOUNT),
    (ALL_IAM, Who.ALL_IAM),
    (IAM, Who.IAM),
    (FEDERATED, Who.FEDERATED),
    (QUICKSIGHT, Who.FEDERATED),
    (IDENTITY_CENTER, Who.IDENTITY_CENTER),
    (ORGANISATION, Who.ORGANISATION),
)
_WITHOUT_ACCOUNT = (Who.IDENTITY_CENTER, Who.ORGANISATION)
