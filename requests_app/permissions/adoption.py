"""Whether an unmanaged permission can become a grant, and the grant it would become."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from fulfilment.observations.models import ObservedPermission
from fulfilment.observations.storage import build_held, load_row_policies
from fulfilment.permissions.catalog_permissions import CatalogPermission
from identity.accounts import ConnectedCatalog, Principal
from identity.people.models import Membership, Person
from kernel.errors import RefusedError
from lakeformation.access.base import Adoption
from lakeformation.effects.table_effects import Effects, TableState, build_table_effects
from lakeformation.effects.tag_effects import TagState, build_tag_effects
from lakeformation.values.arn import ROLE_OR_USER_PATTERN, is_account_id
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import (
    ALL_TABLES,
    DESCRIBE,
    SELECT,
    Permission,
    PermissionColumns,
    sort_permissions,
)
from lakeformation.values.tag_expressions import ANY_VALUE, TagPolicy
from requests_app.access_requests.item_targets import ItemTarget, get_extent_fields
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.permissions.queries import find_mirrored_principal, find_mirrored_table
from requests_app.targets.checks import check_domain
from requests_app.targets.databases import DatabaseTarget, build_database_target
from requests_app.targets.lf_tags import build_tags_target
from requests_app.targets.many_tables import ManyTablesTarget, build_table_tags
from requests_app.targets.single_tables import (
    TableColumns,
    TableMetadata,
    WholeTable,
    build_table_access,
    list_table_columns,
)

TAG_POLICY_KINDS = ("DATABASE", "TABLE")


@dataclass(frozen=True)
class AdoptablePermission:
    """What of the mirror an observed permission is about, and the columns by their mirrored names. Of LF-Tags and of
    all tables of a database, what they reach; the first stands for all. `companion_permissions` go with it.
    """

    line: CatalogPermission
    table: Table
    principal: Principal
    columns: tuple[str, ...]
    companion_permissions: PermissionColumns
    target: ManyTablesTarget | None = None


def build_adoptable_permission(
    catalog: ConnectedCatalog, line: CatalogPermission, person: Person
) -> AdoptablePermission:
    """RefusedError with the reason why the permission cannot be expressed as a grant, by this person's word."""
    if reason := find_adoption_obstacle(line):
        raise RefusedError(reason)
    holder = find_mirrored_principal(line)
    if holder is None:
        account = _("The account that holds it is not connected, or does not use data here.")
        role = _("Its holder is not a role or user of a connected account.")
        raise RefusedError(account if is_account_id(line.permission.principal) else role)
    if holder.is_portal:
        raise RefusedError(_("It is held by one of the portal's own roles, which can't be a recipient."))
    if holder.arn == catalog.account.account_id:
        raise RefusedError(_("It is held by the account that owns the data."))
    principal, beside = holder, _list_accompanying_permissions(catalog, line)
    if line.permission.policy:
        # RefusedError where the tags reach nothing, too much, or what is not all of one domain and the
        # person's to see.
        policy = line.permission.policy
        assert policy is not None
        reached = build_tags_target(catalog, policy.expression, person)
        if refusal := reached.refusal or reached.obstacle:
            raise RefusedError(refusal)
        return AdoptablePermission(line, reached.tables[0].table, principal, (), beside, target=reached)
    if line.permission.table == ALL_TABLES:
        whole = _get_adopted_database(catalog, line, person)
        return AdoptablePermission(line, whole.tables[0].table, principal, (), beside, target=whole)
    table = find_mirrored_table(catalog, line)
    if table is None:
        raise RefusedError(_("The table is not in the portal's copy of the catalog. Sync it first."))
    check_domain(table)
    if line.permission.verb == DESCRIBE and _has_select_beside(catalog, line):
        raise RefusedError(_("It belongs to the SELECT permission on the table. Adopt that one."))
    return AdoptablePermission(line, table, principal, _list_columns(line, table), beside)


def find_adoption_obstacle(line: CatalogPermission) -> str:
    """Why a permission of this shape can be no grant, as a sentence; empty when it can."""
    one = line.permission
    if not (is_account_id(one.principal) or ROLE_OR_USER_PATTERN.fullmatch(one.principal)):
        return _("You can only adopt permissions of an IAM role or user, or of an account.")
    if one.verb not in {SELECT, DESCRIBE}:
        return _("Grants are for reading and never include %(verb)s.") % {"verb": one.verb}
    if one.grantable:
        if is_account_id(one.principal):
            return _("The right to pass something on is adopted with the permission it belongs to.")
        return _("Grants are for reading and never include the right to pass something on.")
    return _find_tags_obstacle(one) if one.policy else _find_named_obstacle(line)


def _find_database_obstacle(one: Permission) -> str:
    if one.verb == SELECT and one.table:
        return ""
    if is_account_id(one.principal):
        return _(
            "By itself it opens nothing. It is adopted with what the account holds on tables of the database."
        )
    return _(
        "This can't be a grant by itself. A grant is on one table, or SELECT on all tables of the database."
    )


def _find_named_obstacle(line: CatalogPermission) -> str:
    one = line.permission
    if one.table in {"", ALL_TABLES} and (reason := _find_database_obstacle(one)):
        return reason
    if one.condition or one.cells_filter:
        cells = _(
            "It is on a data cells filter that was created outside the portal and whose rows may change."
        )
        return _("It only applies under a condition, and a grant can't have one.") if one.condition else cells
    if line.columns.is_exclusion and not line.columns.is_every:
        return _("It excludes columns and includes future ones. A grant names its columns or covers all.")
    return ""


def _has_select_beside(catalog: ConnectedCatalog, line: CatalogPermission) -> bool:
    one = line.permission
    rows = ObservedPermission.objects.filter(
        catalog=catalog, principal_arn=one.principal, database=one.database
    )
    return rows.filter(table=one.table, verb=SELECT, condition="").exists()


def _list_columns(line: CatalogPermission, table: Table) -> tuple[str, ...]:
    if line.permission.verb != SELECT or line.columns.is_exclusion:
        return ()
    names = {column.name.lower(): column.name for column in table.columns.all()}
    gone = [name for name in line.columns.names if name not in names]
    if gone:
        words = {"columns": ", ".join(gone)}
        raise RefusedError(
            _("The portal's copy of the table has no column %(columns)s. Sync it first.") % words
        )
    return tuple(names[name] for name in line.columns.names)


def build_draft_item(
    found: AdoptablePermission, responsible_person: Person, *, reason: str, ends_at: datetime, now: datetime
) -> RequestItem:
    """The item, not saved, as if the owner had requested it: what `may_approve_item` judges."""
    kind: type[ItemTarget] = WholeTable if found.line.columns.is_every else TableColumns
    if found.line.permission.verb == DESCRIBE:
        kind = TableMetadata
    extent = get_extent_fields(kind.fact, found.columns)
    request = AccessRequest(
        requester=responsible_person,
        team=found.principal.account.team,
        principal=found.principal,
        purpose=reason,
        ends_at=ends_at,
        submitted_at=now,
    )
    return RequestItem(
        request=request,
        requester=responsible_person,
        table=found.table,
        ends_at=ends_at,
        state=ItemState.SUBMITTED,
        state_changed_at=now,
        **{**extent, "columns": list(extent["columns"])},
        **(found.target.item_fields if found.target else {}),
    )


def compute_adopted_effects(item: RequestItem, found: AdoptablePermission) -> Effects:
    """What is agreed to: the permission as it is in AWS, and nothing that would have to be created."""
    adoption = Adoption(found.companion_permissions)
    policies = load_row_policies(item.table.database.catalog)
    if found.target:
        access = replace(found.target.build_access(item), adoption=adoption)
        return build_tag_effects(access, found.target.members, TagState(row_policies=policies))
    table_access = replace(
        build_table_access(item), in_hybrid_mode=False, holds_new_columns=False, adoption=adoption
    )
    if item.target.shows_data:
        table_access = replace(table_access, columns=found.line.columns)
    tags = build_table_tags(item.table, item.table.column_facts)
    policies = policies.with_default(table_access.database, table_access.table, item.table.default_row_policy)
    state = TableState(row_policies=policies, table_tags=tags)
    return build_table_effects(table_access, columns=list_table_columns(item.table), state=state)


def list_adoption_owners(found: AdoptablePermission, person: Person) -> QuerySet[Person]:
    """Who may answer for the access: people of the team of the role's account, but not who decides. For an account as a
    whole its admins, as only they may request it.
    """
    team = found.principal.account.team
    members = Membership.objects.filter(team=team)
    if found.principal.is_account:
        members = members.filter(role=Membership.Role.ACCOUNT_ADMIN)
    people = Person.objects.filter(is_active=True, pk__in=members.values("person"))
    return people.exclude(pk=person.pk).order_by("name")


def _get_adopted_database(
    catalog: ConnectedCatalog, line: CatalogPermission, person: Person
) -> DatabaseTarget:
    """RefusedError where it is not mirrored, holds too much, or is not all of one domain and the person's to see."""
    rows = Database.objects.select_related("domain__owner_team", "catalog__account")
    database = rows.filter(catalog=catalog, name=line.permission.database, tombstoned_at=None).first()
    if database is None:
        raise RefusedError(_("The database is not in the portal's copy of the catalog. Sync it first."))
    database_target = build_database_target(database, person)
    if refusal := database_target.refusal or database_target.obstacle:
        raise RefusedError(refusal)
    return database_target


def _find_tags_obstacle(one: Permission) -> str:
    """Why one of this shape can be no grant, as a sentence; empty when it can. Whether it is grantable is checked before."""
    assert one.policy is not None
    if one.policy.name:
        return _("It is held by a named expression in AWS, which can be changed there.")
    if one.condition:
        return _("It only applies under a condition, and a grant can't have one.")
    if one.verb != SELECT or one.policy.kind != "TABLE":
        return _(
            "This can't be a grant by itself. It is adopted with the SELECT permission on the same LF-Tags."
        )
    if any(ANY_VALUE in values for _key, values in one.policy.expression.keys):
        return _("It covers every value of an LF-Tag. A grant names the values.")
    return ""


def _list_accompanying_permissions(catalog: ConnectedCatalog, line: CatalogPermission) -> PermissionColumns:
    """As last read; of an option to pass a SELECT on, the columns of the line. One query."""
    one = line.permission
    going = set(_iterate_accompanying(one))
    place = Q(database=one.database, tagged="")
    if one.policy:
        place = Q(tagged__in=[other.tagged for other in going])
    held = build_held(
        catalog, ObservedPermission.objects.filter(place, catalog=catalog, principal_arn=one.principal)
    )
    found = [
        (other, held[other] & line.columns if other.verb == SELECT else ALL_COLUMNS)
        for other in sort_permissions(going & held.keys())
    ]
    return tuple((other, columns) for other, columns in found if columns)


def _iterate_accompanying(one: Permission) -> Iterator[Permission]:
    """DESCRIBE on the same; of an account also on the database, which it sees by that alone (AWS, "cross-account
    notes"), and the options.
    """
    described = tuple(_iterate_describe(one)) if one.verb == SELECT or is_account_id(one.principal) else ()
    yield from described
    if is_account_id(one.principal):
        yield from (replace(other, grantable=True) for other in (one, *described))


def _iterate_describe(one: Permission) -> Iterator[Permission]:
    if one.policy:
        kinds = (TagPolicy(kind, one.policy.expression) for kind in TAG_POLICY_KINDS)
        yield from (replace(one, verb=DESCRIBE, policy=policy) for policy in kinds)
        return
    if one.verb == SELECT:
        yield replace(one, verb=DESCRIBE)
    if is_account_id(one.principal):
        yield replace(one, verb=DESCRIBE, table="")
