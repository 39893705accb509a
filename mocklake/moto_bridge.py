"""The only module that touches moto: its WSGI applications, its IAM roles, its buckets, its state.

Everything used of moto is named in `USED` and checked at start: another version of moto then fails in
one clear line and not in the middle of a call.
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "false"
os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"
# No object in a temporary file, which a process that writes the snapshot would share with the one that serves.
os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"] = "0"
os.environ.pop("MOTO_ACCOUNT_ID", None)

from moto import backends
from moto.core import base_backend
from moto.core import request as core_request
from moto.iam import models as iam_models
from moto.kms import models as kms_models
from moto.kms import utils as kms_utils
from moto.moto_server import werkzeug_app
from moto.s3 import models as s3_models
from moto.s3 import responses as s3_responses
from moto.s3 import utils as s3_utils
from moto.sqs import exceptions as sqs_exceptions
from moto.sqs import models as sqs_models

from mocklake import partitions

SERVICES = ("s3", "iam", "sqs", "kms")
USED: tuple[tuple[Any, str], ...] = (
    (werkzeug_app, "create_backend_app"),
    (backends, "get_backend"),
    (base_backend, "AccountSpecificBackend"),
    (base_backend.BackendDict, "_instances"),
    (core_request, "PRESERVED_HEADER_NAMES_ENVIRON_KEY"),
    (core_request, "environ_key_for_header"),
    (core_request, "should_preserve_original_header_name"),
    (iam_models, "iam_backends"),
    (iam_models.IAMBackend, "get_role"),
    (iam_models.IAMBackend, "create_role"),
    (iam_models.IAMBackend, "create_user"),
    (iam_models.IAMBackend, "create_service_linked_role"),
    (iam_models, "SERVICE_NAME_CONVERSION"),
    (iam_models.IAMBackend, "put_role_policy"),
    (iam_models.IAMBackend, "put_user_policy"),
    (iam_models.IAMBackend, "tag_role"),
    (iam_models.IAMBackend, "get_instance_profiles"),
    (iam_models.IAMBackend, "delete_role"),
    (iam_models.IAMBackend, "delete_role_policy"),
    (iam_models.IAMBackend, "attach_role_policy"),
    (iam_models.IAMBackend, "detach_role_policy"),
    (iam_models, "NotFoundException"),
    (iam_models.ManagedPolicy, "update_default_version"),
    (kms_models, "kms_backends"),
    (kms_models.KmsBackend, "get_key_id_from_alias"),
    (kms_models.Key, "generate_default_policy"),
    (kms_utils, "serialization"),
    (s3_models, "s3_backends"),
    (s3_models.s3_backends, "bucket_accounts"),
    (s3_models.S3Backend, "create_bucket"),
    (s3_models.S3Backend, "put_bucket_policy"),
    (s3_models.S3Backend, "put_object"),
    (s3_models.S3Backend, "delete_object"),
    (s3_models.FakeKey, "value"),
    (s3_models.FakeKey, "etag"),
    (s3_models.FakeKey, "size"),
    (s3_models.FakeKey, "dispose"),
    (s3_models.FakeMultipart, "dispose"),
    (s3_responses, "ACTION_MAP"),
    (s3_utils._VersionedKeyStore, "iterlists"),  # noqa: SLF001
    (s3_utils._VersionedKeyStore, "setlist"),  # noqa: SLF001
    (sqs_exceptions, "SQSException"),
    (sqs_models, "sqs_backends"),
    (sqs_models.SQSBackend, "create_queue"),
    (sqs_models.SQSBackend, "send_message"),
    (sqs_models.Queue, "policy"),
)
PRIVATE_KEYS = (kms_utils.rsa.RSAPrivateKey, kms_utils.ec.EllipticCurvePrivateKey)
StoredObject = s3_models.FakeKey
"""Also a part of an upload that is not completed."""
ObjectVersions = s3_utils._VersionedKeyStore  # noqa: SLF001
"""The objects of a bucket; by itself it pickles the newest version of each alone."""
iam_models.SERVICE_NAME_CONVERSION["lakeformation"] = "LakeFormationDataAccess"
_applications: dict[str, Callable[..., Iterable[bytes]]] = {}
_account_partitions: dict[str, str] = {}
"""By account, `aws` where it is not said; a part of moto's state, which keeps IAM and S3 by partition."""


class UnfitMotoError(Exception):
    """The text names what is missing."""


def check_moto() -> None:
    """Raises UnfitMotoError when this moto lacks something that mocklake stands on."""
    missing = [
        f"{getattr(owner, '__name__', owner)}.{name}" for owner, name in USED if not hasattr(owner, name)
    ]
    if missing:
        text = f"moto {version('moto')} has no {', '.join(missing)}; mocklake is written for moto 5.2.5"
        raise UnfitMotoError(text)


def keep_underscores(headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Lets moto see underscores in names of S3's metadata, which an environment of WSGI writes like hyphens."""
    found = {
        name: value for name, value in headers if core_request.should_preserve_original_header_name(name)
    }
    keys = {name: core_request.environ_key_for_header(name) for name in found}
    values = {keys[name]: value for name, value in found.items()}
    return {
        **values,
        core_request.PRESERVED_HEADER_NAMES_ENVIRON_KEY: {key: name for name, key in keys.items()},
    }


def application(service: str) -> Callable[..., Iterable[bytes]]:
    """Moto's own WSGI application of one service; the account comes by the header that only we may set."""
    if service not in _applications:
        _applications[service] = werkzeug_app.create_backend_app(service)
    return _applications[service]


def account_partition(account: str) -> str:
    return _account_partitions.get(account, partitions.DEFAULT)


def put_account(account: str, partition: str) -> None:
    """Before anything is made in the account."""
    _account_partitions[account] = partition


def iam(account: str) -> Any:
    return iam_models.iam_backends[account][account_partition(account)]


def role(account: str, name: str) -> Any | None:
    """Moto's role object (`arn`, `id`, `policies`, `assume_role_policy_document`, …) or None."""
    try:
        return iam(account).get_role(name)
    except iam_models.NotFoundException:
        return None


def user(account: str, name: str) -> Any | None:
    """Moto's user object (`arn`, `id`, `policies`, `access_keys`, …) or None."""
    return iam(account).users.get(name)


def identity(arn: str) -> Any | None:
    """The role or user of exactly this ARN, path included, or None."""
    account, named = arn.split(":", 5)[4:]
    find = user if named.startswith("user/") else role
    found = find(account, named.rsplit("/", 1)[-1])
    return found if found is not None and found.arn == arn else None


def groups_of(found: Any) -> list[Any]:
    """The groups that a user is in; a role is in none."""
    return [group for group in iam(found.account_id).groups.values() if found in group.users]


def access_key(accounts: Iterable[str], key: str) -> tuple[str, Any] | None:
    """The account, and moto's key (`user_name`, `secret_access_key`, `status`) that IAM made for a user there."""
    found = ((account, iam(account).access_keys.get(key)) for account in accounts)
    return next(((account, one) for account, one in found if one is not None), None)


def attached_documents(found: Any) -> list[str]:
    """The documents of the managed policies attached to a role, user or group, each in its default version."""
    attached = found.managed_policies.values()
    return [one.document for policy in attached for one in policy.versions if one.is_default_version]


def recreate_role(account: str, name: str) -> Any:
    """Deletes a role and makes it again with the same trust and policies: same ARN, another id.

    Raises ValueError without such a role, or when an instance profile holds it.
    """
    old, backend = role(account, name), iam(account)
    if old is None:
        raise ValueError(f"account {account} has no role {name}")
    if any(name == one.name for profile in backend.get_instance_profiles() for one in profile.roles):
        raise ValueError(f"an instance profile holds the role {name}")
    inline, attached = dict(old.policies), list(old.managed_policies)
    for policy in inline:
        backend.delete_role_policy(name, policy)
    for arn in attached:
        backend.detach_role_policy(arn, name)
    backend.delete_role(name)
    new = backend.create_role(
        name, old.assume_role_policy_document, old.path, old.permissions_boundary_arn, old.description,
        old.tags, old.max_session_duration,
    )  # fmt: skip
    for policy, document in inline.items():
        backend.put_role_policy(name, policy, document)
    for arn in attached:
        backend.attach_role_policy(arn, name)
    return new


def s3(account: str) -> Any:
    return s3_models.s3_backends[account][account_partition(account)]


def bucket_owner(bucket: str) -> str | None:
    found = s3_models.s3_backends.bucket_accounts.get(bucket)
    return found[1] if found else None


def object_arn(bucket: str, key: str = "") -> str:
    """Builds the ARN of a bucket, or of an object in it, in the partition of the bucket's owner."""
    partition = account_partition(bucket_owner(bucket) or "")
    return f"arn:{partition}:s3:::{bucket}/{key}" if key else f"arn:{partition}:s3:::{bucket}"


def bucket_policy(bucket: str) -> bytes | None:
    owner = bucket_owner(bucket)
    return s3(owner).buckets[bucket].policy if owner else None


def objects(bucket: str, prefix: str) -> dict[str, bytes]:
    """The content of every object below a prefix, by key; empty without such a bucket."""
    owner = bucket_owner(bucket)
    if owner is None:
        return {}
    keys = s3(owner).buckets[bucket].keys
    return {name: key.value for name, key in sorted(keys.items()) if name.startswith(prefix)}


def put_object(bucket: str, key: str, content: bytes) -> None:
    """Into a bucket that is there, without asking its policy."""
    object_etag(s3(str(bucket_owner(bucket))).put_object(bucket, key, content))


def delete_object(bucket: str, key: str) -> None:
    """From a bucket that is there, without asking its policy."""
    s3(str(bucket_owner(bucket))).delete_object(bucket, key)


def object_state(found: Any) -> dict[str, Any]:
    """What an object is beside its content, as its class restores it."""
    return {name: value for name, value in vars(found).items() if name not in ("_value_buffer", "lock")}


def object_content(found: Any) -> bytes:
    """Waits for no lock of moto's: in a forked process nobody would give it back. Empty for a removed object."""
    if found.disposed:
        return b""
    found._value_buffer.seek(0)  # noqa: SLF001  (`value` waits for the lock)
    content: bytes = found._value_buffer.read()  # noqa: SLF001
    return content


def object_versions(lists: list[tuple[str, list[Any]]]) -> Any:
    """Takes what `iterlists` answered."""
    made = ObjectVersions()
    for key, versions in lists:
        made.setlist(key, versions)
    return made


def object_etag(found: Any) -> str:
    """Hashes the content; moto keeps it with the object from the first time on."""
    return str(found.etag).strip('"')


def s3_actions(kind: str, method: str) -> dict[str, str]:
    """IAM action by sub-resource in the query string, `DEFAULT` without one; kind is BUCKET or KEY."""
    return s3_responses.ACTION_MAP[kind].get(method, {})  # type: ignore[no-any-return]


def create_queue(account: str, region: str, name: str, policy: str) -> None:
    sqs_models.sqs_backends[account][region].create_queue(name, region=region, Policy=policy)


def queue_policy(arn: str) -> str | None:
    """None without such a queue, or when it has no policy."""
    queue = _queues(arn).get(arn.rsplit(":", 1)[1])
    return queue.policy if queue is not None else None


class SentMessages:
    """Counts the messages that were sent to any queue, for who waits for one."""

    def __init__(self) -> None:
        self.count = 0
        self._condition = threading.Condition()

    def note(self) -> None:
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait_for_more(self, than: int, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.count != than, seconds)


sent_messages = SentMessages()


def send_to_queue(arn: str, body: str, *, group: str | None, attributes: Mapping[str, str]) -> str:
    """Why the message could not be sent; empty when it lies in the queue. Attributes are of type String."""
    name = arn.rsplit(":", 1)[1]
    region, account = arn.split(":")[3:5]
    if name not in _queues(arn):
        return f"There is no queue {arn}."
    typed = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    try:
        sqs_models.sqs_backends[account][region].send_message(
            name, body, message_attributes=typed, group_id=group
        )
    except sqs_exceptions.SQSException as error:
        return str(error.message)
    sent_messages.note()
    return ""


def _queues(arn: str) -> dict[str, Any]:
    region, account = arn.split(":")[3:5]
    found: dict[str, Any] = sqs_models.sqs_backends[account][region].queues
    return found


def encryption_key(account: str, region: str, named: str) -> Any | None:
    """Moto's key (`arn`, `policy`, `key_state`, `key_usage`) by id, ARN or alias, or None."""
    backend = kms_models.kms_backends[account][region]
    name = backend.get_alias_name(named)
    by_alias = name.startswith("alias/")
    return backend.keys.get(backend.get_key_id_from_alias(name) if by_alias else backend.get_key_id(name))


def private_key_bytes(key: Any) -> bytes:
    """A key of KMS, which does not pickle by itself."""
    how = kms_utils.serialization
    written: bytes = key.private_bytes(how.Encoding.DER, how.PrivateFormat.PKCS8, how.NoEncryption())
    return written


def private_key(written: bytes) -> Any:
    return kms_utils.serialization.load_der_private_key(written, None)


def dump() -> dict[str, Any]:
    """Everything that moto knows, picklable: {service: {account: {region: backend}}} and bucket owners."""
    state: dict[str, Any] = {
        service: {
            account: dict(regions.items()) for account, regions in backends.get_backend(service).items()
        }
        for service in SERVICES
    }
    return {
        "services": state,
        "bucket_accounts": dict(s3_models.s3_backends.bucket_accounts),
        "account_partitions": dict(_account_partitions),
    }


def load(state: dict[str, Any]) -> None:
    for service, accounts in state["services"].items():
        backend = backends.get_backend(service)
        for account, regions in accounts.items():
            for region, content in regions.items():
                dict.__setitem__(backend[account], region, content)
    s3_models.s3_backends.bucket_accounts.clear()
    s3_models.s3_backends.bucket_accounts.update(state["bucket_accounts"])
    _account_partitions.clear()
    _account_partitions.update(state.get("account_partitions", {}))


def exchange(state: Mapping[str, Any]) -> dict[str, Any]:
    """Puts one world's state in place and answers what was there; nothing is copied. Empty is a new world."""
    owners = s3_models.s3_backends.bucket_accounts
    parked: dict[str, Any] = {
        "bucket_accounts": dict(owners),
        "account_partitions": dict(_account_partitions),
    }
    owners.clear()
    owners.update(state.get("bucket_accounts", {}))
    _account_partitions.clear()
    _account_partitions.update(state.get("account_partitions", {}))
    for service in SERVICES:
        backend = backends.get_backend(service)
        parked[service] = dict(backend.items())
        backend.clear()
        backend.update(state.get(service, {}))
        if backend not in base_backend.BackendDict._instances:  # noqa: SLF001  (what moto's reset goes through)
            base_backend.BackendDict._instances.append(backend)  # noqa: SLF001
    return parked


def discard(parked: Mapping[str, Any]) -> None:
    """Frees the contents of a world that `exchange` answered; moto keeps a list of all objects ever made."""
    backends_of_s3 = [partition for partitions in parked["s3"].values() for partition in partitions.values()]
    for bucket in (one for backend in backends_of_s3 for one in backend.buckets.values()):
        found = [one for _, versions in bucket.keys.iterlists() for one in versions]
        for one in [*found, *bucket.multiparts.values()]:
            if hasattr(one, "dispose"):
                one.dispose()


def reset() -> None:
    base_backend.BackendDict.reset()
    s3_models.s3_backends.bucket_accounts.clear()
    _account_partitions.clear()
