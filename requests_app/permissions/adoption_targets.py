"""What a permission covers when it is adopted: a database, LF-Tags, and what is held with it."""

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.mirror.models import Database
from fulfilment.observations.models import ObservedPermission
from fulfilment.observations.storage import build_held
from fulfilment.permissions.catalog_permissions import CatalogPermission
from identity.accounts.models import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import RefusedError
from lakeformation.values.arn import is_account_id
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import DESCRIBE, SELECT, Permission, PermissionColumns, sort_permissions
from lakeformation.values.tag_expressions import ANY_VALUE, TagPolicy
from requests_app.targets.databases import DatabaseTarget, build_database_target
from requests_app.targets.lf_tags import TagsTarget, build_tags_target


def get_adopted_database(
    catalog: ConnectedCatalog, line: CatalogPermission, person: Person
) -> DatabaseTarget:
    """RefusedError where it is not mirrored, holds too much, or is not all of one domain and the person's to see."""
    rows = Database.objects.select_related("domain__owner_team", "catalog__account")
    database = rows.filter(catalog=catalog, name=line.permission.database, tombstoned_at=None).first()
    if database is None:
        raise RefusedError(_("The database is not in the portal's copy of the catalog. Sync it first."))
    found = build_database_target(database, person)
    if refusal := found.refusal or found.obstacle:
        raise RefusedError(refusal)
    return found


def find_tags_obstacle(one: Permission) -> str:
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


def get_adopted_tags(catalog: ConnectedCatalog, line: CatalogPermission, person: Person) -> TagsTarget:
    """RefusedError where the tags reach nothing, too much, or what is not all of one domain and the person's to see."""
    policy = line.permission.policy
    assert policy is not None
    found = build_tags_target(catalog, policy.expression, person)
    if refusal := found.refusal or found.obstacle:
        raise RefusedError(refusal)
    return found


TAG_POLICY_KINDS = ("DATABASE", "TABLE")


def list_accompanying_permissions(catalog: ConnectedCatalog, line: CatalogPermission) -> PermissionColumns:
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
