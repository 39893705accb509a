"""AWS prerequisites of a grant besides its permission: met, lacking or not known, and what to do.

The lines are AWS's own prerequisites of access to shared tables (Lake Formation developer guide, "cross-account data
sharing", "registering an Amazon S3 location", "hybrid access mode"). *Present* is the permission; *usable* is that
none of these stands in its way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from lakeformation.access.access import Access
from lakeformation.planning.desired import needs_opt_in
from lakeformation.values.row_policies import LISTING_ACTIONS, RowPolicies, TableTags, describe_attachments

MIN_VERSION, MIN_HYBRID_VERSION = 3, 4


class RequirementMark(StrEnum):
    MET = "met"
    LACKING = "lacking"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AccessRequirement:
    """`remedy` is what a person can do about it; empty where nothing is to be done."""

    mark: RequirementMark
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class GrantConditions:
    """What rows tell of a grant's surroundings; None is what was not read. `checkup` are the findings of the owner's
    last check-up: what to do by code.
    """

    access: Access
    version: int | None
    opens_new_tables: bool | None
    open_to_iam: bool | None
    is_hybrid: bool
    opted_in: bool | None
    registered: bool | None
    delivered: bool | None
    is_present: bool
    checkup: Mapping[str, str] | None
    row_policies: RowPolicies
    table_tags: Mapping[tuple[str, str], TableTags]


def list_requirements(conditions: GrantConditions) -> list[AccessRequirement]:
    """Every line that plays a part for the grant, in the order in which AWS meets them."""
    access = conditions.access
    lines = [*_iterate_settings(conditions), *_iterate_guard(conditions)]
    if access.opens_data:
        lines.append(_build_rows(conditions))
    if access.registrations:
        lines += _iterate_location(conditions)
    if access.is_cross_account:
        lines += _iterate_sharing(conditions)
    if access.links:
        lines.append(_build_link(conditions))
    role = {"role": access.principal_arn.rsplit("/", 1)[-1]}
    own_rights = AccessRequirement(
        RequirementMark.UNKNOWN,
        _("Not read yet: the IAM permissions of %(role)s.") % role,
        _(
            "It needs lakeformation:GetDataAccess, and glue:GetDatabase, GetTable and GetPartitions on the owner's ARNs."
        ),
    )
    return [*lines, own_rights]


def _build_requirement(is_so: bool | None, met: str, lacking: str, remedy: str) -> AccessRequirement:  # noqa: FBT001
    if is_so is None:
        return AccessRequirement(RequirementMark.UNKNOWN, _("Not read yet: %(what)s") % {"what": met}, remedy)
    return (
        AccessRequirement(RequirementMark.MET, met)
        if is_so
        else AccessRequirement(RequirementMark.LACKING, lacking, remedy)
    )


def _iterate_settings(conditions: GrantConditions) -> Iterator[AccessRequirement]:
    if conditions.access.is_cross_account:
        least = MIN_HYBRID_VERSION if conditions.is_hybrid else MIN_VERSION
        words = {"least": least, "version": conditions.version}
        yield _build_requirement(
            None if conditions.version is None else conditions.version >= least,
            _("The cross-account version is %(least)s or higher.") % words,
            _("The cross-account version is %(version)s; %(least)s is needed.") % words,
            _("A governance admin raises it in the data catalog settings of the owner's account."),
        )
    yield _build_requirement(
        None if conditions.opens_new_tables is None else not conditions.opens_new_tables,
        _("New tables are not open to IAM."),
        _("New tables are open to IAM: a new table would be readable by every role that IAM allows."),
        _("Empty CreateTableDefaultPermissions in the data catalog settings of the owner's account."),
    )


def _iterate_guard(conditions: GrantConditions) -> Iterator[AccessRequirement]:
    if conditions.is_hybrid:
        yield _build_requirement(
            not conditions.access.opens_data or conditions.opted_in,
            _("The data is in hybrid access mode, and the role is opted in."),
            _("The data is in hybrid access mode, and the role is not opted in, so IAM decides for it."),
            _get_opt_in_remedy(conditions.access),
        )
        return
    yield _build_requirement(
        None if conditions.open_to_iam is None else not conditions.open_to_iam,
        _("Lake Formation controls the table, and IAM alone opens nothing of it."),
        _(
            "The table is also open to IAM: every role that IAM allows can read it, whatever is decided in the portal."
        ),
        _("Under Permissions, the data owner sees who would lose access and can remove this."),
    )


def _get_opt_in_remedy(access: Access) -> str:
    if access.reaches_many_tables:
        return _("Each table needs its own opt-in there. Revoke the grant and request its tables by name.")
    if not needs_opt_in(access):
        return _(
            "Each role needs its own opt-in there. Revoke the grant and request access for the roles that read."
        )
    if access.adoption:
        return _(
            "The adopted permission has no opt-in. Revoke it and request access again: the new grant has one."
        )
    return _("The workers opt it in automatically. Check again, or see the timeline for the answer of AWS.")


def _iterate_location(conditions: GrantConditions) -> Iterator[AccessRequirement]:
    yield _build_requirement(
        conditions.registered,
        _("The S3 location of the data is registered with Lake Formation."),
        _("The S3 location of the data is not registered, so nobody gets credentials for it."),
        _("The workers register it automatically. Check again, or see the timeline for the answer of AWS."),
    )
    yield _build_from_checkup(
        conditions,
        ("service_linked_location", "location_not_verified"),
        _("The registered location has its own role, which AWS could verify."),
        _("The role of a registered location is the service-linked role, or could not be verified."),
    )


def _iterate_sharing(conditions: GrantConditions) -> Iterator[AccessRequirement]:
    yield _build_from_checkup(
        conditions,
        ("policy_without_ram",),
        _("The catalog's resource policy allows sharing through RAM, or there is none."),
        _("The catalog's resource policy does not allow sharing through RAM."),
    )
    yield _build_from_checkup(
        conditions,
        ("catalog_is_encrypted",),
        _("The catalog's metadata does not need a KMS key."),
        _("The catalog's metadata is encrypted. The key must be shared with the consumer account."),
    )
    yield _build_requirement(
        conditions.delivered,
        _("Account %(account)s sees the share.") % {"account": conditions.access.consumer},
        _("Account %(account)s does not see the share.") % {"account": conditions.access.consumer},
        _(
            "The workers accept the invitation automatically. If there is none, revoke the grant and grant it again."
        ),
    )


def _build_from_checkup(
    conditions: GrantConditions, codes: tuple[str, ...], met: str, lacking: str
) -> AccessRequirement:
    if conditions.checkup is None:
        return _build_requirement(
            None,
            met,
            lacking,
            _("A governance admin runs a check of the owner's account on the Accounts page."),
        )
    found = [conditions.checkup[code] for code in codes if code in conditions.checkup]
    return _build_requirement(not found, met, lacking, " ".join(found))


def _build_link(conditions: GrantConditions) -> AccessRequirement:
    names = ", ".join(link.display_name for link in conditions.access.links)
    words = {"link": names, "account": conditions.access.consumer}
    return _build_requirement(
        conditions.is_present or None,
        _("Resource link %(link)s in account %(account)s points to it.") % words,
        "",
        _("It is read back together with the permission."),
    )


def _build_rows(conditions: GrantConditions) -> AccessRequirement:
    """Whether exactly the granted rows are shown. A policy that applies is neither met nor lacking: AWS does not document what
    becomes of the rows.
    """
    access, policies = conditions.access, conditions.row_policies
    if policies.unread:
        text = _("Whether row-level security policies narrow or widen the rows is not known: %(why)s.")
        remedy = _("Allow the observer role of the owner's account %(actions)s.")
        shown = remedy % {"actions": ", ".join(LISTING_ACTIONS)} if policies.is_refused else ""
        return AccessRequirement(RequirementMark.UNKNOWN, text % {"why": policies.unread}, shown)
    applying = policies.list_applying(access.principal_arn, access.reachable_tables, conditions.table_tags)
    if not applying:
        met = _("No row-level security policy narrows or widens the rows that were granted.")
        return AccessRequirement(RequirementMark.MET, met)
    text = _("Rows are also narrowed or widened by row-level security policy %(policies)s.")
    remedy = _(
        "AWS does not document how its rows combine with those of a grant, so which rows are shown is not proven. Detach the policy in AWS, or compare the rows with what was approved."
    )
    return AccessRequirement(
        RequirementMark.UNKNOWN, text % {"policies": describe_attachments(applying)}, remedy
    )
