"""The access-key registry: which principal an access key means, and until when.

It stands in front of every service. moto's own look-up falls back to account 123456789012 for an
unknown key; here an unknown key is refused.
"""

import secrets
import string
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.world import World

_ALPHABET = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Credential:
    """`token` and `expires` are None for a long-lived key."""

    access_key: str
    secret: str
    account: str
    arn: str
    session_arn: str
    principal_id: str
    token: str | None = None
    expires: datetime | None = None
    made: datetime | None = None
    policy: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass
class CredentialStore:
    """Long-lived keys, made at the first start: `roots` by account, `long_lived_roles` by role ARN."""

    by_key: dict[str, Credential] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    long_lived_roles: dict[str, str] = field(default_factory=dict)
    created: dict[str, datetime] = field(default_factory=dict)
    """When roles and users were made through IAM's API, by ARN; those of a seed have always been there."""


class UnknownAccessKeyError(Exception):
    """The protocol decides how this is called; see `mocklake.protocols`."""


class OtherPartitionError(UnknownAccessKeyError):
    """The key is of an account in another partition than the region."""


def store(world: World) -> CredentialStore:
    found: CredentialStore = world.stores["sts"]
    return found


def root_key(world: World, account: str) -> Credential:
    """The account's root key, made at first need. Raises AwsError for an account that does not exist."""
    if account not in world.accounts:
        raise AwsError("NoSuchEntity", f"There is no account {account}", status=404)
    registry, arn = store(world), f"arn:{moto_bridge.account_partition(account)}:iam::{account}:root"
    if account not in registry.roots:
        made = Credential(_random("AKIA"), secrets.token_urlsafe(30), account, arn, arn, account)
        registry.by_key[made.access_key] = made
        registry.roots[account] = made.access_key
    key = registry.roots[account]
    registry.by_key[key] = replace(registry.by_key[key], arn=arn, session_arn=arn)
    return registry.by_key[key]


def long_lived_key(world: World, arn: str, role_id: str) -> Credential:
    """A key without an end for a role, as an instance profile would keep renewing for a running process."""
    registry = store(world)
    key = registry.long_lived_roles.setdefault(arn, _random("AKIA"))
    made = registry.by_key.get(key) or _for_role(arn, role_id, "instance", access_key=key)
    registry.by_key[key] = replace(made, principal_id=f"{role_id}:instance")
    return registry.by_key[key]


def open_session(
    world: World,
    arn: str,
    role_id: str,
    name: str,
    *,
    seconds: int,
    policy: str = "",
    tags: tuple[tuple[str, str], ...] = (),
) -> Credential:
    """Temporary credentials of a role, narrowed by a policy; ended ones are dropped on the way."""
    _forget_ended(world)
    made = _for_role(
        arn,
        role_id,
        name,
        access_key=_random("ASIA"),
        token=secrets.token_urlsafe(60),
        expires=_end(world, seconds),
    )
    made = replace(made, made=world.now(), policy=policy, tags=tags)
    store(world).by_key[made.access_key] = made
    return made


def open_session_of(world: World, credential: Credential, *, seconds: int) -> Credential:
    """Temporary credentials of a user or of an account's root."""
    _forget_ended(world)
    made = replace(
        credential,
        access_key=_random("ASIA"),
        secret=secrets.token_urlsafe(30),
        token=secrets.token_urlsafe(60),
        expires=_end(world, seconds),
        made=world.now(),
    )
    store(world).by_key[made.access_key] = made
    return made


def _end(world: World, seconds: int) -> datetime:
    return (world.now() + timedelta(seconds=seconds)).replace(microsecond=0)


def _forget_ended(world: World) -> None:
    """An hour after their end, so that for an hour they are told to be expired and not unknown."""
    registry, latest = store(world), world.now() - timedelta(hours=1)
    for key in [key for key, one in registry.by_key.items() if one.expires and one.expires < latest]:
        del registry.by_key[key]


def _for_role(
    arn: str,
    role_id: str,
    session: str,
    *,
    access_key: str,
    token: str | None = None,
    expires: datetime | None = None,
) -> Credential:
    account = arn.split(":")[4]
    return Credential(
        access_key=access_key,
        secret=secrets.token_urlsafe(30),
        account=account,
        arn=arn,
        session_arn=f"arn:{partitions.of_arn(arn)}:sts::{account}:assumed-role/{arn.rsplit('/', 1)[1]}/{session}",
        principal_id=f"{role_id}:{session}",
        token=token,
        expires=expires,
    )


def find_credential(world: World, access_key: str) -> Credential | None:
    """Of the registry, or an active key that IAM made for a user."""
    kept = store(world).by_key.get(access_key)
    return kept or _of_user(world, access_key)


def _of_user(world: World, access_key: str) -> Credential | None:
    account, key = moto_bridge.access_key(world.accounts, access_key) or ("", None)
    user = moto_bridge.user(account, key.user_name) if key is not None and key.status == "Active" else None
    if key is None or user is None:
        return None
    return Credential(access_key, key.secret_access_key, account, user.arn, user.arn, user.id)


def identify(world: World, access_key: str, token: str | None, region: str) -> tuple[Caller, Credential]:
    """Raises UnknownAccessKeyError, OtherPartitionError, or AwsError ExpiredTokenException."""
    credential = find_credential(world, access_key)
    if credential is None or (credential.token is not None and credential.token != token):
        raise UnknownAccessKeyError
    if partitions.of_arn(credential.arn) != partitions.of_region(region):
        raise OtherPartitionError
    if not _still_means_someone(credential):
        raise UnknownAccessKeyError
    if credential.expires is not None and credential.expires <= world.now():
        raise AwsError(
            "ExpiredTokenException", "The security token included in the request is expired", status=403
        )
    who = (credential.account, region, credential.arn, credential.session_arn)
    caller = Caller(*who, access_key, credential.policy)
    return caller, credential


def _still_means_someone(credential: Credential) -> bool:
    """A session ends with its role or user, also when another one of the same name follows it."""
    if credential.arn.endswith(":root"):
        return True
    found = moto_bridge.identity(credential.arn)
    return found is not None and credential.principal_id.partition(":")[0] == found.id


def _random(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(16))
