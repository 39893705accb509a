"""Who can be granted something, and from which account they are."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from awsim.errors import AwsError
from awsim.lakeformation.store import IAM_ALLOWED_PRINCIPALS
from awsim.world import World

ACCOUNT = re.compile(r"\d{12}")
IAM = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/[\w+=,.@/-]+")
FEDERATED = re.compile(r"arn:aws:iam::(\d{12}):saml-provider/[\w.-]+:(user|group)/.+")
QUICKSIGHT = re.compile(r"arn:aws:quicksight:[a-z0-9-]+:(\d{12}):(user|group)/.+")
IDENTITY_CENTER = re.compile(r"arn:aws:identitystore:::(user|group)/[\w-]+")
ORGANISATION = re.compile(r"arn:aws:organizations::(\d{12}):organization/o-[a-z0-9]{10,32}")
ORGANISATIONAL_UNIT = re.compile(r"arn:aws:organizations::(\d{12}):ou/o-[a-z0-9]+/ou-[a-z0-9-]+")


class Who(StrEnum):
    IAM = "iam"
    ACCOUNT = "account"
    ORGANISATION = "organisation"
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


def read(world: World, shape: dict[str, Any] | None) -> Principal:
    """InvalidInputException for anything that is no grantee, or whose account does not exist."""
    name = (shape or {}).get("DataLakePrincipalIdentifier", "")
    if name == IAM_ALLOWED_PRINCIPALS:
        return Principal(name, Who.EVERYONE)
    if ORGANISATIONAL_UNIT.fullmatch(name):
        raise AwsError("AwsimNotImplemented", "Organisational units are not simulated.", status=501)
    principal = _match(name)
    unknown = world.accounts and principal and principal.account and principal.account not in world.accounts
    if principal is None or unknown:
        raise AwsError("InvalidInputException", f"Invalid principal, {name}")
    return principal


def _match(name: str) -> Principal | None:
    if ACCOUNT.fullmatch(name):
        return Principal(name, Who.ACCOUNT, name)
    if found := IAM.fullmatch(name):
        return Principal(name, Who.IAM, found[1])
    if found := FEDERATED.fullmatch(name) or QUICKSIGHT.fullmatch(name):
        return Principal(name, Who.FEDERATED, found[1])
    if IDENTITY_CENTER.fullmatch(name):
        return Principal(name, Who.IDENTITY_CENTER)
    if ORGANISATION.fullmatch(name):
        return Principal(name, Who.ORGANISATION)
    return None
