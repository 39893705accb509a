"""What an account's set-up lacks: prerequisites of cross-account grants, and bypasses."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lakeformation.values.permissions import ALL_VERBS
from lakeformation.values.row_policies import LISTING_ACTIONS


class FindingKind(StrEnum):
    """What a finding means for who set the account up."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    BYPASS = "bypass"
    ADVICE = "advice"


@dataclass(frozen=True)
class Finding:
    """`text` says what is so, `remedy` what to do; both are plain sentences for a person."""

    kind: FindingKind
    code: str
    text: str
    remedy: str


@dataclass(frozen=True)
class RegisteredLocation:
    """A registered data location: its ARN, the role that reads it, AWS's VerificationStatus or empty."""

    arn: str
    role: str
    verification: str = ""


@dataclass(frozen=True)
class AccountReading:
    """An account in one region as its observer reads it; None where AWS refused, `read_errors` says why by name."""

    observer: str
    executor: str
    owns_catalog: bool
    """The account owns a catalog from which it grants; otherwise it only receives."""
    has_local_groups: bool = False
    """It has local groups, to which its executor passes on what it received."""
    settings: Mapping[str, Any] | None = None
    permissions: Sequence[Mapping[str, Any]] | None = None
    locations: Sequence[RegisteredLocation] | None = None
    resource_policy: str | None = None
    """Empty: the catalog has none."""
    encryption: Mapping[str, Any] | None = None
    read_errors: Mapping[str, str] = field(default_factory=dict)
    roles_without_external_id: frozenset[str] = frozenset()
    """ARNs of the roles that AWS let us assume without the ExternalId."""
    row_policies_error: str = ""
    """Why the row-level security policies were not listed."""


BLOCKING_KINDS = frozenset({FindingKind.MISSING, FindingKind.UNKNOWN})
"""With one of these, decisions made here could not be applied, or not be proven."""


MIN_CROSS_ACCOUNT_VERSION = 3
"""Below it, a grant across accounts cannot name a role, and LF-Tags do not reach other accounts."""
IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"
SERVICE_LINKED_ROLE_PATH = "/aws-service-role/"
ALL_RIGHTS = ALL_VERBS
TAG_RIGHTS = frozenset({"ALTER", "DROP", "ASSOCIATE"})
MAX_NAMES = 5
"""How many names a finding spells out; the others are counted."""


def list_findings(reading: AccountReading) -> list[Finding]:
    """All findings, missing prerequisites first."""
    order = list(FindingKind)
    return sorted(_run_checks(reading), key=lambda finding: order.index(finding.kind))


def _run_checks(reading: AccountReading) -> Iterator[Finding]:
    for what, why in reading.read_errors.items():
        yield Finding(
            FindingKind.UNKNOWN,
            "unreadable",
            f"{what[:1].upper()}{what[1:]} could not be read: {why}",
            "Compare the role's policy and trust policy with the template for this kind of account.",
        )
    for arn in sorted(reading.roles_without_external_id):
        yield Finding(
            FindingKind.BYPASS,
            "external_id_not_asked",
            f"{arn} can be assumed without the ExternalId.",
            "Add the condition sts:ExternalId to its trust policy, as in the template.",
        )
    if reading.settings is not None:
        yield from _check_administrators(reading, reading.settings)
        version = reading.settings.get("Parameters", {}).get("CROSS_ACCOUNT_VERSION", "1")
        if not version.isdecimal() or int(version) < MIN_CROSS_ACCOUNT_VERSION:
            yield Finding(
                FindingKind.MISSING,
                "version_too_low",
                f"The cross-account version is {version}; grants to roles of other accounts need at least {MIN_CROSS_ACCOUNT_VERSION}.",
                "Raise it in the data catalog settings. AWS then creates existing shares again.",
            )
        yield from _check_default_permissions(reading.settings)
    if reading.permissions is not None:
        yield from _check_link_creation(reading, reading.permissions)
        yield from _check_holders(reading, reading.permissions)
    if reading.owns_catalog:
        yield from _check_locations(reading.locations)
        yield from _check_resource_policy(reading.resource_policy)
        yield from _check_encryption(reading.encryption)
        # A note, as in some regions nobody can list them: grants work, and which rows they show is not known.
        if reading.row_policies_error:
            yield Finding(
                FindingKind.ADVICE,
                "row_policies_unread",
                f"Row-level security policies could not be listed, so which rows grants show is not known: {reading.row_policies_error}",
                f"Allow the observer {' and '.join(LISTING_ACTIONS)}, as in the template.",
            )


def _check_administrators(reading: AccountReading, settings: Mapping[str, Any]) -> Iterator[Finding]:
    admins = _get_principals(settings, "DataLakeAdmins")
    if not _sees_everything(reading):
        yield Finding(
            FindingKind.MISSING,
            "observer_is_no_reader",
            "The observer is not a read-only administrator, so AWS shows it only some of the permissions.",
            f"Add {reading.observer} to the read-only administrators of the data lake.",
        )
    if reading.owns_catalog and reading.executor not in admins:
        yield Finding(
            FindingKind.MISSING,
            "executor_is_no_administrator",
            "The executor is not a data lake administrator, so it can't grant what data owners approve.",
            f"Add {reading.executor} to the administrators, and keep the existing ones.",
        )
    if reading.has_local_groups and not reading.owns_catalog and reading.executor not in admins:
        yield Finding(
            FindingKind.MISSING,
            "executor_cannot_pass_on",
            "The executor is not a data lake administrator, so it can't pass on the account's access to local groups.",
            f"Add {reading.executor} to the administrators, and keep the existing ones.",
        )
    others = [name for name in admins if name not in (reading.executor, reading.observer)]
    if others:
        yield Finding(
            FindingKind.BYPASS,
            "other_administrators",
            f"{_list_first(others)} can grant permissions and change tags without any decision in the portal.",
            "Keep only administrators that you trust to decide for every data owner.",
        )


def _check_default_permissions(settings: Mapping[str, Any]) -> Iterator[Finding]:
    names = ("CreateTableDefaultPermissions", "CreateDatabaseDefaultPermissions")
    for what in (name for name in names if settings.get(name)):
        things = "tables" if "Table" in what else "databases"
        yield Finding(
            FindingKind.MISSING,
            "new_things_are_open",
            f"New {things} are open to IAM: every role that IAM allows can read them, whatever is decided in the portal.",
            f"Empty {what} in the data catalog settings.",
        )


def _check_link_creation(reading: AccountReading, rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    admins = _get_principals(reading.settings or {}, "DataLakeAdmins")
    if reading.owns_catalog or reading.executor in admins or not _sees_everything(reading):
        return
    able = any(
        _get_holder(row) == reading.executor and "CREATE_DATABASE" in row.get("Permissions", ())
        for row in rows
    )
    if not able:
        yield Finding(
            FindingKind.MISSING,
            "executor_cannot_make_links",
            "The executor can't create the links through which shared tables appear.",
            f"Grant CREATE_DATABASE on the catalog to {reading.executor}.",
        )


def _sees_everything(reading: AccountReading) -> bool:
    """Whether a permission that is not in the list is not there."""
    settings = reading.settings or {}
    return reading.observer in (
        *_get_principals(settings, "DataLakeAdmins"),
        *_get_principals(settings, "ReadOnlyAdmins"),
    )


def _check_holders(reading: AccountReading, rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    # A database or table that is left to IAM is read whatever is granted; the catalog's own row lets make only.
    left = [
        _get_resource_name(row)
        for row in rows
        if _get_holder(row) == IAM_ALLOWED_PRINCIPALS and "Catalog" not in row["Resource"]
    ]
    if left:
        yield Finding(
            FindingKind.BYPASS,
            "left_to_iam",
            f"IAMAllowedPrincipals holds {_list_first(left)}, so IAM alone decides who can read there.",
            "Remove it for each one once its current readers have grants. The review page shows who they are.",
        )
    own = {reading.observer, reading.executor}
    taggers = _find_holders(rows, TAG_RIGHTS, own, kinds=("LFTag",))
    if taggers:
        yield Finding(
            FindingKind.BYPASS,
            "others_tag",
            f"{_list_first(taggers)} can assign or change LF-Tags, and each change affects grants by LF-Tags.",
            "Limit this right to people who classify data.",
        )
    wide = _find_holders(rows, ALL_RIGHTS, own, kinds=("Database", "Table", "Catalog"))
    if wide:
        yield Finding(
            FindingKind.BYPASS,
            "others_hold_everything",
            f"{_list_first(wide)} holds all permissions on databases or tables, and can see all their columns and rows.",
            "Replace it with the permissions that are needed.",
        )


def _check_locations(locations: Sequence[RegisteredLocation] | None) -> Iterator[Finding]:
    linked = [location.arn for location in locations or () if SERVICE_LINKED_ROLE_PATH in location.role]
    if linked:
        yield Finding(
            FindingKind.MISSING,
            "service_linked_location",
            f"{_list_first(linked)} is registered with the service-linked role, which AWS does not allow across accounts.",
            "Register it again with your own role.",
        )
    failed = [location.arn for location in locations or () if location.verification == "VERIFICATION_FAILED"]
    if failed:
        yield Finding(
            FindingKind.MISSING,
            "location_not_verified",
            f"AWS could not verify the role of {_list_first(failed)}.",
            "Allow the registered role in the policies of the bucket and the key.",
        )


def _check_resource_policy(text: str | None) -> Iterator[Finding]:
    if not text or _allows_ram_sharing(text):
        return
    yield Finding(
        FindingKind.MISSING,
        "policy_without_ram",
        "The catalog has a resource policy that does not allow sharing through RAM, so grants across accounts fail.",
        "Add glue:ShareResource for ram.amazonaws.com, and put the policy with EnableHybrid=TRUE.",
    )


def _allows_ram_sharing(text: str) -> bool:
    statements = json.loads(text).get("Statement", [])
    return any(
        statement.get("Effect") == "Allow"
        and "ram.amazonaws.com" in _as_list(statement.get("Principal", {}), "Service")
        and {"glue:ShareResource", "glue:*"} & set(_as_list(statement, "Action"))
        for statement in ([statements] if isinstance(statements, dict) else statements)
    )


def _check_encryption(settings: Mapping[str, Any] | None) -> Iterator[Finding]:
    rest = (settings or {}).get("EncryptionAtRest", {})
    if str(rest.get("CatalogEncryptionMode", "DISABLED")).startswith("SSE-KMS"):
        key = rest.get("SseAwsKmsKeyId") or "AWS's own key"
        yield Finding(
            FindingKind.ADVICE,
            "catalog_is_encrypted",
            f"The catalog's metadata is encrypted with {key}.",
            "The key must be your own, and its policy must allow the consumer accounts to decrypt.",
        )


def _find_holders(
    rows: Iterable[Mapping[str, Any]], rights: frozenset[str], own: set[str], *, kinds: tuple[str, ...]
) -> list[str]:
    """Holders of one of the rights on one of the kinds, without our own roles and IAMAllowedPrincipals."""
    return sorted(
        {
            _get_holder(row)
            for row in rows
            if rights & set(row.get("Permissions", ())) and any(kind in row["Resource"] for kind in kinds)
        }
        - own
        - {IAM_ALLOWED_PRINCIPALS}
    )


def _get_holder(row: Mapping[str, Any]) -> str:
    return str(row["Principal"]["DataLakePrincipalIdentifier"])


def _get_resource_name(row: Mapping[str, Any]) -> str:
    kind, body = next(iter(row["Resource"].items()))
    return ".".join(str(body[name]) for name in ("DatabaseName", "Name") if name in body) or kind


def _get_principals(settings: Mapping[str, Any], members: str) -> list[str]:
    return [str(one["DataLakePrincipalIdentifier"]) for one in settings.get(members, [])]


def _as_list(holder: Any, member: str) -> list[str]:
    """A member of an IAM policy, which may be one text or a list of them."""
    found = holder.get(member, []) if isinstance(holder, dict) else []
    return [found] if isinstance(found, str) else list(found)


def _list_first(names: Sequence[str]) -> str:
    """The first names, and how many more."""
    distinct = sorted(set(names))
    more = len(distinct) - MAX_NAMES
    return ", ".join(distinct[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


class CheckState(StrEnum):
    """`unknown`: it could not be read."""

    OK = "ok"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """`text` is what is so when `state` is ok; `findings` are what contradicts or qualifies it."""

    code: str
    text: str
    state: CheckState
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class CheckRule:
    """What a check says, which codes of findings belong to it, and what must have been read for it."""

    code: str
    text: str
    findings: frozenset[str]
    reads: frozenset[str]
    of_catalogs: bool = False
    """Whether only accounts that grant are meant."""


OBSERVER_READ = "the observer's role"
UNREADABLE = "unreadable"
UNREAD_CODES = frozenset({UNREADABLE, "row_policies_unread"})
"""Findings that say that something is not known."""
RULES = (
    CheckRule(
        "roles",
        "The workers can assume its observer and its executor.",
        frozenset(),
        frozenset({OBSERVER_READ, "the executor's role"}),
    ),
    CheckRule(
        "external_id",
        "Its roles are not assumed without the ExternalId.",
        frozenset({"external_id_not_asked"}),
        frozenset({"whether the ExternalId is asked for"}),
    ),
    CheckRule(
        "rights",
        "Its observer and its executor have the rights in Lake Formation that they need.",
        frozenset(
            {
                "observer_is_no_reader",
                "executor_is_no_administrator",
                "executor_cannot_pass_on",
                "executor_cannot_make_links",
            }
        ),
        frozenset({OBSERVER_READ, "the data lake's settings", "the permissions"}),
    ),
    CheckRule(
        "administrators",
        "Nobody else administers its data lake.",
        frozenset({"other_administrators"}),
        frozenset({OBSERVER_READ, "the data lake's settings"}),
    ),
    CheckRule(
        "version",
        "Its cross-account version allows grants to roles of other accounts.",
        frozenset({"version_too_low"}),
        frozenset({OBSERVER_READ, "the data lake's settings"}),
    ),
    CheckRule(
        "defaults",
        "New databases and tables are closed to IAM.",
        frozenset({"new_things_are_open"}),
        frozenset({OBSERVER_READ, "the data lake's settings"}),
    ),
    CheckRule(
        "holders",
        "Nobody reads everything or changes LF-Tags without a decision.",
        frozenset({"left_to_iam", "others_tag", "others_hold_everything"}),
        frozenset({OBSERVER_READ, "the permissions"}),
    ),
    CheckRule(
        "locations",
        "Its data locations can be served across accounts.",
        frozenset({"service_linked_location", "location_not_verified"}),
        frozenset({OBSERVER_READ, "the data locations"}),
        of_catalogs=True,
    ),
    CheckRule(
        "resource_policy",
        "Its catalog's resource policy lets RAM share.",
        frozenset({"policy_without_ram"}),
        frozenset({OBSERVER_READ, "the catalog's resource policy"}),
        of_catalogs=True,
    ),
    CheckRule(
        "encryption",
        "Its catalog's encryption is known.",
        frozenset({"catalog_is_encrypted"}),
        frozenset({OBSERVER_READ, "the catalog's encryption"}),
        of_catalogs=True,
    ),
    CheckRule(
        "row_policies",
        "Its row-level security policies can be listed.",
        frozenset({"row_policies_unread"}),
        frozenset({OBSERVER_READ}),
        of_catalogs=True,
    ),
)


def list_checks(reading: AccountReading) -> list[Check]:
    """Every check that concerns the account; each finding of `list_findings` stands in one of them."""
    findings = list_findings(reading)
    unread = {finding.text: finding for finding in findings if finding.code == UNREADABLE}
    told: set[str] = set()
    checks = []
    for rule in RULES:
        if rule.of_catalogs and not reading.owns_catalog:
            continue
        failed = rule.reads & set(reading.read_errors)
        named = {
            f"{read[:1].upper()}{read[1:]} could not be read: {reading.read_errors[read]}" for read in failed
        }
        # What could not be read concerns several checks: it is told at the first.
        first = [unread[text] for text in sorted(named - told) if text in unread]
        told |= named
        own = [*first, *(finding for finding in findings if finding.code in rule.findings)]
        checks.append(Check(rule.code, rule.text, _judge(own, is_read=not failed), tuple(own)))
    return checks


def _judge(findings: Sequence[Finding], *, is_read: bool) -> CheckState:
    if any(finding.kind in {FindingKind.MISSING, FindingKind.BYPASS} for finding in findings):
        return CheckState.ATTENTION
    if not is_read or any(finding.code in UNREAD_CODES for finding in findings):
        return CheckState.UNKNOWN
    return CheckState.OK
