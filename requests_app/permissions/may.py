"""Who may see permissions, act on them, and ask why a principal can read a column."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from catalog.products.models import Domain
from identity.accounts import ConnectedCatalog, Principal, named_arn
from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.models import RequestItem
from requests_app.review.may import may_decide_as_owner
from requests_app.targets.recipients import list_requestable_principals


def list_visible_databases(person: Person, catalog: ConnectedCatalog) -> QuerySet[Database]:
    """Databases whose permissions the person may see: those of domains that they answer for; all of them for
    stewards and for who reads the whole mesh.
    """
    live = Database.objects.filter(catalog=catalog, tombstoned_at__isnull=True)
    if sees_all_permissions(person):
        return live
    teams = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    return live.filter(domain__owner_team__in=teams)


def sees_all_permissions(person: Person) -> bool:
    """Governance admins, stewards and auditors."""
    return person.is_active and (
        can_read_everything(person) or has_platform_role(person, PlatformRole.Role.STEWARD)
    )


def may_view_permissions(person: Person, catalog: ConnectedCatalog) -> Verdict:
    if sees_all_permissions(person) or (
        person.is_active and list_visible_databases(person, catalog).exists()
    ):
        return ALLOWED
    return refusal(_("Only stewards, governance admins and data owners can see what AWS holds."))


def may_adopt_permission(person: Person, item: RequestItem) -> Verdict:
    """As for any grant: a data owner of the owning team, who neither is the owner of the access nor of its team."""
    return may_decide_as_owner(person, item)


def may_act_on_permissions(person: Person) -> bool:
    """Whether there can be a permission that the person may adopt, have removed, or ask a data owner to adopt: stewards and
    auditors read what AWS holds, and no more.
    """
    owns = bool(get_team_ids_with_role(person, Membership.Role.DATA_OWNER))
    return person.is_active and (owns or has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN))


def may_order_removal(person: Person, catalog: ConnectedCatalog, database: str, table: str) -> Verdict:
    """The data's owners, and governance admins, as for ending a grant."""
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    domain = find_domain(catalog, database, table)
    if (
        domain
        and person.is_active
        and domain.owner_team_id in get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    ):
        return ALLOWED
    return refusal(_("Only data owners and governance admins can remove this."))


def may_acknowledge_finding(person: Person, catalog: ConnectedCatalog, database: str, table: str) -> Verdict:
    """Who may have it removed may say that it stays."""
    return may_order_removal(person, catalog, database, table)


def may_repair_finding(person: Person, catalog: ConnectedCatalog) -> Verdict:
    """A repair only restores what was approved, so whoever sees the permissions may start one."""
    return may_view_permissions(person, catalog)


def find_domain(catalog: ConnectedCatalog, database: str, table: str) -> Domain | None:
    """The domain that answers for a table or a database by name: the database's, else that of the table's product."""
    row = (
        Database.objects.filter(catalog=catalog, name=database, tombstoned_at__isnull=True)
        .select_related("domain")
        .first()
    )
    if row is None or row.domain or not table:
        return row.domain if row else None
    return Domain.objects.filter(
        products__tables__database=row, products__tables__name=table, products__tables__tombstoned_at=None
    ).first()


def may_explain_any(person: Person, table: Table) -> Verdict:
    """Data owners of the table and people who see all permissions may ask about any principal."""
    if sees_all_permissions(person):
        return ALLOWED
    domain = find_domain(table.database.catalog, table.database.name, table.name)
    if _owns_data_of(person, domain):
        return ALLOWED
    return refusal(_("Only data owners can look up roles of other teams."))


def _owns_data_of(person: Person, domain: Domain | None) -> bool:
    teams = get_team_ids_with_role(person, Membership.Role.DATA_OWNER) if person.is_active else frozenset()
    return domain is not None and domain.owner_team_id in teams


def may_explain_holder(person: Person, principal: Principal, domain: Domain | None) -> bool:
    """As `may_explain_access`, of a grant's principal on data of a domain. No query beside that for the person's teams."""
    if sees_all_permissions(person) or _owns_data_of(person, domain):
        return True
    is_requestable = principal.gone_at is None and not principal.is_portal and principal.account.is_consumer
    return is_requestable and principal.account.team_id in get_team_ids(person)


def may_explain_some(person: Person, table: Table) -> bool:
    """Whether there is any principal that the person may ask about."""
    return (
        bool(may_explain_any(person, table))
        or list_requestable_principals(person).filter(arn__contains=":iam:").exists()
    )


def may_explain_access(person: Person, table: Table, principal: str) -> Verdict:
    """Besides, everyone of roles of their own teams."""
    verdict = may_explain_any(person, table)
    if verdict or list_requestable_principals(person).filter(named_arn(principal)).exists():
        return ALLOWED
    return verdict
