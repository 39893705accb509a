"""The kinds of differences as data: what each means, what to do, and which buttons stand beside it."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lakeformation.drift.differences import Kind


class Cure(StrEnum):
    """What ends it: the workers by themselves, a person's word on a permission, or a person in AWS."""

    HEAL = "heal"
    DECIDE = "decide"
    PERSON = "person"


@dataclass(frozen=True)
class Words:
    name: str | Promise
    meaning: str | Promise
    what_to_do: str | Promise
    cure: Cure


HEALS = _("The workers mend it by themselves; you can have them look at once.")
DECIDE = _("Adopt it, have it removed, or say why it may stay.")

WORDS: dict[Kind, Words] = {
    Kind.MISSING: Words(
        _("Missing"), _("A permission that was proven was taken away in AWS."), HEALS, Cure.HEAL
    ),
    Kind.FEWER_COLUMNS: Words(
        _("Fewer columns"), _("Some columns of a proven grant were taken away in AWS."), HEALS, Cure.HEAL
    ),
    Kind.FILTER_CHANGED: Words(
        _("Filter changed"),
        _("The data cells filter of a grant shows other rows or columns, or did for a while."),
        _("The workers close it and make it anew; you can have them look at once."),
        Cure.HEAL,
    ),
    Kind.FILTER_DELETED: Words(
        _("Filter deleted"),
        _("The data cells filter of a grant is gone, and the access with it."),
        HEALS,
        Cure.HEAL,
    ),
    Kind.LINK_DROPPED: Words(
        _("Link dropped"), _("The resource link by which the table is queried is gone."), HEALS, Cure.HEAL
    ),
    Kind.LOCATION_DEREGISTERED: Words(
        _("Location deregistered"),
        _("Lake Formation no longer vends credentials for the data's S3 path: nobody reads it."),
        HEALS,
        Cure.HEAL,
    ),
    Kind.OPT_IN_REMOVED: Words(
        _("Opt-in removed"),
        _("In hybrid access mode, IAM decides for the role again, and the grant has no effect."),
        HEALS,
        Cure.HEAL,
    ),
    Kind.SHARE_GONE: Words(
        _("Share gone"),
        _("The RAM share that Lake Formation made for the consuming account is gone, for every grant to it."),
        _("Revoke the grants of this account and give them anew: Lake Formation then makes another share."),
        Cure.PERSON,
    ),
    Kind.LINK_REPOINTED: Words(
        _("Link repointed"),
        _("The resource link leads to another database or table, so queries read something else."),
        _("Point it back or drop it in the consuming account; once it is dropped the workers make it anew."),
        Cure.PERSON,
    ),
    Kind.LINK_NAME_TAKEN: Words(
        _("Link name taken"),
        _(
            "The resource link is gone, and a database or table of the same name stands in its place, or of its database."
        ),
        _("Rename or drop that in the consuming account; the workers then make the link anew."),
        Cure.PERSON,
    ),
    Kind.TABLE_RECREATED: Words(
        _("Table recreated"),
        _("A table of the same name is another table: nobody agreed to access to this one."),
        _("End the grant. Whoever needs the new table asks for it."),
        Cure.PERSON,
    ),
    Kind.TABLE_DELETED: Words(
        _("Table deleted"), _("The table of a live grant is gone."), _("End the grant."), Cure.PERSON
    ),
    Kind.PRINCIPAL_RECREATED: Words(
        _("Role recreated"),
        _("A role of the same name is another role, and would inherit what the old one was given."),
        _("It was taken away already. End the grant; the new role has to be asked for."),
        Cure.PERSON,
    ),
    Kind.PRINCIPAL_DELETED: Words(
        _("Role deleted"), _("The role of a live grant is gone."), _("End the grant."), Cure.PERSON
    ),
    Kind.MORE_COLUMNS: Words(
        _("More columns"),
        _("A role with a grant reads columns besides that nobody here agreed to."),
        DECIDE,
        Cure.DECIDE,
    ),
    Kind.SURPLUS_OURS: Words(
        _("Back after its end"),
        _("A grant that ended gave this, and somebody permitted it again in AWS."),
        DECIDE,
        Cure.DECIDE,
    ),
    Kind.SURPLUS_FOREIGN: Words(
        _("Unmanaged beside grants"),
        _("Somebody permitted this in AWS on a table that is granted here."),
        DECIDE,
        Cure.DECIDE,
    ),
    Kind.IAM_ALLOWED_BACK: Words(
        _("Open to IAM again"),
        _(
            "IAMAllowedPrincipals holds the table: whoever has rights in IAM reads it, whatever is decided here."
        ),
        _("Have it removed, once you know that nothing in its account relies on it."),
        Cure.DECIDE,
    ),
    Kind.WIDENED: Words(
        _("Reaches more"),
        _(
            "Something was tagged, or came to a database that was given whole, since a grant was agreed to:"
            " AWS opened it at once."
        ),
        _("Tag it otherwise or move it in AWS, revoke the grant, or say why it may stay."),
        Cure.PERSON,
    ),
    Kind.NARROWED: Words(
        _("Tag removed or changed"),
        _("Something that a grant by LF-Tags reached carries other tags by now, and AWS closed it at once."),
        _("Tag it in AWS as it was, or let whoever misses it ask for it."),
        Cure.PERSON,
    ),
    Kind.EXPRESSION_CHANGED: Words(
        _("Named expression changed"),
        _(
            "An LF-Tag expression that AWS keeps under a name says something else than when it was first read: whoever"
            " holds permissions by it sees other data at once. Nothing that is granted here is held by one."
        ),
        _("Change it back in AWS, have the permissions by it removed, or say why it may stay."),
        Cure.PERSON,
    ),
    Kind.ADMINISTRATOR_ADDED: Words(
        _("New administrator"),
        _(
            "A role or user became a data lake administrator of this account. It can grant itself any permission, and"
            " nobody in the portal decided on it."
        ),
        _("Remove it from the administrators in the account's data lake settings, or say why it may stay."),
        Cure.PERSON,
    ),
    Kind.UNJUSTIFIED: Words(
        _("Unjustified"),
        _(
            "The database holds a grant, or an order to remove one, that no recorded decision justifies. Nothing is sent for it."
        ),
        _(
            "Treat this as a security incident: find out who wrote the row. Revoke the grant if it has a page."
        ),
        Cure.PERSON,
    ),
    Kind.VERSION_LOWERED: Words(
        _("Version lowered"),
        _(
            "The cross-account version is too low for grants to roles of other accounts; AWS refuses new ones."
        ),
        _("Raise it in the account's data lake settings."),
        Cure.PERSON,
    ),
}
