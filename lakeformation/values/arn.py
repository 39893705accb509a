"""Names of AWS principals: `arn:<partition>:<service>:<region>:<account>:<resource>`."""

import re
from dataclasses import dataclass
from typing import Any

from lakeformation.values.permissions import DataCatalog

ROLE_OR_USER_PATTERN = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):(role|user)/((?:[\w+=,.@-]+/)*)([\w+=,.@-]{1,128})"
)

SESSION_PATTERN = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):sts::(\d{12}):assumed-role/([\w+=,.@-]{1,128})/\S{1,64}"
)
"""The ARN of a role that was assumed; the role's path is not in it (IAM user guide, "IAM identifiers")."""
SAML_PATTERN = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):iam::(\d{12}):saml-provider/[\w.-]{1,128}:(?:user|group)/\S{1,256}"
)
IDENTITY_CENTER_PATTERN = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):identitystore:::(?:user|group)/[\w-]{1,64}"
)
ACCOUNT_OF_PRINCIPAL_PATTERN = re.compile(
    r"(?:arn:(?:aws|aws-cn|aws-us-gov):(?:iam|sts|quicksight):[\w-]*:(\d{12}):|(\d{12})(?::IAMPrincipals)?$)",
    re.ASCII,
)
ACCOUNT_ID_PATTERN = re.compile(r"\d{12}", re.ASCII)


class MalformedArnError(ValueError):
    """The text is not the ARN of an IAM role or user."""


@dataclass(frozen=True)
class PrincipalArn:
    """An IAM role or user, path included (`aws-reserved/sso…` is a path)."""

    partition: str
    account: str
    kind: str
    path: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "PrincipalArn":
        """Read an ARN; MalformedArnError for anything but an IAM role or user with a full path."""
        match = ROLE_OR_USER_PATTERN.fullmatch(text)
        if match is None:
            raise MalformedArnError(f"{text!r} is not the ARN of an IAM role or user")
        partition, account, kind, path, name = match.groups()
        return cls(partition, account, kind, path, name)

    def __str__(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:{self.kind}/{self.path}{self.name}"


def is_directory_principal(arn: str, account: str) -> bool:
    """Whether it names a user or group of SAML in the account, or of Identity Center, which belongs to no account."""
    found = SAML_PATTERN.fullmatch(arn)
    return bool(IDENTITY_CENTER_PATTERN.fullmatch(arn)) or (found is not None and found[1] == account)


def is_account_id(principal: str) -> bool:
    """Whether it names an account as a whole, as Lake Formation lists one: by its id."""
    return ACCOUNT_ID_PATTERN.fullmatch(principal) is not None


def find_account(principal: str) -> str:
    """The account whose principals are meant: of a role or user, of an account or all that it has, of SAML and QuickSight.
    Empty for everybody, an organisation, Identity Center, and what no account's sign-in is.
    """
    found = ACCOUNT_OF_PRINCIPAL_PATTERN.match(principal)
    return (found[1] or found[2]) if found else ""


def is_created_by(creator: str, principal: str) -> bool:
    """Whether `creator`, Glue's CreatedBy, is the role or user, or one of the role's sessions."""
    session, own = SESSION_PATTERN.fullmatch(creator), ROLE_OR_USER_PATTERN.fullmatch(principal)
    if session is None or own is None:
        return bool(creator) and creator == principal
    partition, account, kind, _path, name = own.groups()
    return kind == "role" and session.groups() == (partition, account, name)


@dataclass(frozen=True, order=True)
class Location:
    """An S3 path registered in the owner's catalog with the role that Lake Formation reads it by."""

    catalog: DataCatalog
    arn: str
    role: str

    def to_json(self) -> dict[str, Any]:
        return {"catalog": self.catalog.to_json(), "arn": self.arn, "role": self.role}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Location":
        return cls(DataCatalog(*value["catalog"]), value["arn"], value["role"])
