"""Texts for each kind of drift finding: what it means, what to do, and how it is resolved."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lakeformation.drift import DifferenceKind


class Resolution(StrEnum):
    """How a finding is resolved: repaired by the workers, decided by a person, or changed by a person in AWS."""

    REPAIR = "heal"
    DECIDE = "decide"
    MANUAL = "person"


@dataclass(frozen=True)
class FindingTexts:
    name: str | Promise
    meaning: str | Promise
    what_to_do: str | Promise
    resolution: Resolution


REPAIR_TEXT = _("The workers repair it automatically. You can start the repair at once.")
DECIDE_TEXT = _("Adopt it, remove it, or mark it as known.")

FINDING_TEXTS: dict[DifferenceKind, FindingTexts] = {
    DifferenceKind.MISSING: FindingTexts(
        _("Missing"), _("A proven permission was removed in AWS."), REPAIR_TEXT, Resolution.REPAIR
    ),
    DifferenceKind.FEWER_COLUMNS: FindingTexts(
        _("Fewer columns"),
        _("Some columns of a proven grant were removed in AWS."),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.FILTER_CHANGED: FindingTexts(
        _("Filter changed"),
        _("The data cells filter of a grant shows other rows or columns, or did so for a while."),
        _("The workers close it and create it again. You can start the repair at once."),
        Resolution.REPAIR,
    ),
    DifferenceKind.FILTER_DELETED: FindingTexts(
        _("Filter deleted"),
        _("The data cells filter of a grant was deleted, which ended the access."),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.LINK_DROPPED: FindingTexts(
        _("Link deleted"),
        _("The resource link for querying the table was deleted."),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.LOCATION_DEREGISTERED: FindingTexts(
        _("Location deregistered"),
        _("Lake Formation no longer issues credentials for the S3 path of the data, so nobody can read it."),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.OPT_IN_REMOVED: FindingTexts(
        _("Opt-in removed"),
        _("In hybrid access mode, IAM decides for the role again, so the grant has no effect."),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.SHARE_GONE: FindingTexts(
        _("No longer shared"),
        _(
            "The RAM share that Lake Formation created for the consumer account was deleted, or no longer holds the table, so the grant opens nothing."
        ),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.LINK_REPOINTED: FindingTexts(
        _("Link repointed"),
        _("The resource link points to another database or table, so queries read something else."),
        _(
            "Point it back or delete it in the consumer account. Once it is deleted, the workers create it again."
        ),
        Resolution.MANUAL,
    ),
    DifferenceKind.LINK_NAME_TAKEN: FindingTexts(
        _("Link name taken"),
        _(
            "The resource link is gone, and a database or table has taken its name or the name of its database."
        ),
        _(
            "Rename or delete that object in the consumer account, or choose the other kind of link on the page of the account's groups. The workers then create the link again."
        ),
        Resolution.MANUAL,
    ),
    DifferenceKind.TABLE_RECREATED: FindingTexts(
        _("Table recreated"),
        _("Another table now has the same name. Nobody approved access to it."),
        _("A data owner of the table decides whether its grants are kept. Nothing is granted before."),
        Resolution.MANUAL,
    ),
    DifferenceKind.TABLE_DELETED: FindingTexts(
        _("Table deleted"),
        _("The table of an active grant was deleted."),
        _("Revoke the grant."),
        Resolution.MANUAL,
    ),
    DifferenceKind.PRINCIPAL_RECREATED: FindingTexts(
        _("Role recreated"),
        _("Another role now has the same name and would inherit the access of the old one."),
        _("The permission is already removed. Revoke the grant and request access for the new role."),
        Resolution.MANUAL,
    ),
    DifferenceKind.PRINCIPAL_DELETED: FindingTexts(
        _("Role deleted"),
        _("The role of an active grant was deleted."),
        _("Revoke the grant."),
        Resolution.MANUAL,
    ),
    DifferenceKind.MORE_COLUMNS: FindingTexts(
        _("More columns"),
        _("A role with a grant can read more columns than were approved."),
        DECIDE_TEXT,
        Resolution.DECIDE,
    ),
    DifferenceKind.SURPLUS_OURS: FindingTexts(
        _("Back after it ended"),
        _("A grant that ended gave this permission, and someone gave it again in AWS."),
        DECIDE_TEXT,
        Resolution.DECIDE,
    ),
    DifferenceKind.SURPLUS_FOREIGN: FindingTexts(
        _("Held outside the portal, next to grants"),
        _("Someone gave this permission in AWS on a table with grants."),
        DECIDE_TEXT,
        Resolution.DECIDE,
    ),
    DifferenceKind.IAM_ALLOWED_BACK: FindingTexts(
        _("Open to IAM again"),
        _(
            "IAMAllowedPrincipals holds a permission on the table, so every role that IAM allows can read it, whatever is decided in the portal."
        ),
        _("Remove it once you know that nothing in its account relies on it."),
        Resolution.DECIDE,
    ),
    DifferenceKind.WIDENED: FindingTexts(
        _("Covers more"),
        _(
            "Since a grant was approved, something was tagged, or added to a database that is granted as a whole. AWS opened it at once."
        ),
        _("Change the tags or move it in AWS, revoke the grant, or mark this as known."),
        Resolution.MANUAL,
    ),
    DifferenceKind.NARROWED: FindingTexts(
        _("Tag removed or changed"),
        _("Something that a grant by LF-Tags covered now has other tags, so AWS closed it at once."),
        _("Restore the tags in AWS, or have whoever needs it request access."),
        Resolution.MANUAL,
    ),
    DifferenceKind.TAGS_CHANGED: FindingTexts(
        _("LF-Tag changed"),
        _("An LF-Tag that was approved in the portal was changed in AWS, which may open or close data."),
        REPAIR_TEXT,
        Resolution.REPAIR,
    ),
    DifferenceKind.EXPRESSION_CHANGED: FindingTexts(
        _("Named expression changed"),
        _(
            "A named LF-Tag expression in AWS has changed since it was first read. Whoever holds permissions by it now sees other data. No grant of the portal uses one."
        ),
        _("Change it back in AWS, remove the permissions that use it, or mark this as known."),
        Resolution.MANUAL,
    ),
    DifferenceKind.ADMINISTRATOR_ADDED: FindingTexts(
        _("New administrator"),
        _(
            "A role or user became a data lake administrator of this account. It can grant itself any permission, and nobody approved that in the portal."
        ),
        _("Remove it from the administrators in the account's data lake settings, or mark this as known."),
        Resolution.MANUAL,
    ),
    DifferenceKind.UNKNOWN_PERMISSION: FindingTexts(
        _("Cannot be judged"),
        _(
            "AWS holds a permission, or tells a status, that this version of Meshmarket does not know. It may open data, so no grant that it may concern is proven to be gone."
        ),
        _("Look in AWS at what it opens and remove it there, or update Meshmarket."),
        Resolution.MANUAL,
    ),
    DifferenceKind.ROW_POLICY: FindingTexts(
        _("Rows decided by a policy"),
        _(
            "A row-level security policy of Lake Formation was attached to a table with grants, or its text has changed. It narrows or widens the rows that they show, and nobody approved that in the portal. AWS does not document how its rows combine with those of a grant, so which rows are shown is not known."
        ),
        _("Detach the policy in AWS, or mark this as known once the data owner agrees to it."),
        Resolution.MANUAL,
    ),
    DifferenceKind.UNJUSTIFIED: FindingTexts(
        _("Unjustified"),
        _(
            "The database contains a grant, or a removal, that no recorded decision justifies. Nothing is sent to AWS for it."
        ),
        _(
            "Treat this as a security incident: find out who wrote the row. Revoke the grant if it has a page."
        ),
        Resolution.MANUAL,
    ),
    DifferenceKind.VERSION_LOWERED: FindingTexts(
        _("Version lowered"),
        _(
            "The cross-account version is too low for grants to roles of other accounts, so AWS rejects new ones."
        ),
        _("Raise it in the account's data lake settings."),
        Resolution.MANUAL,
    ),
}
