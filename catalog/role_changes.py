"""Role changes whose rows are the catalog's: who owns a domain, and which domain answers for a database or product."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Database
from catalog.products.models import DataProduct, Domain
from catalog.search.index.indexing import index_products
from identity.people.models import Team
from identity.role_changes.changes import ProposedRoleChange
from identity.role_changes.effects import ROW_HANDLERS, RowHandler
from identity.role_changes.states import RoleChangeKind
from kernel.text import builds_stored_text

ROW_HANDLERS[RoleChangeKind.DOMAIN] = RowHandler(Domain)
ROW_HANDLERS[RoleChangeKind.DATABASE] = RowHandler(Database)
ROW_HANDLERS[RoleChangeKind.PRODUCT] = RowHandler(DataProduct, after_change=lambda pk: index_products([pk]))


@builds_stored_text
def domain_owner_change(domain: Domain, team: Team) -> ProposedRoleChange:
    """To make another team the owner of a domain: its data owners decide then."""
    words = {"team": team.name, "domain": domain.name, "before": domain.owner_team.name}
    return ProposedRoleChange(
        kind=RoleChangeKind.DOMAIN,
        description=_("the domain %(domain)s belongs to %(team)s instead of %(before)s") % words,
        new_values={"owner_team_id": team.pk},
        old_values={"owner_team_id": domain.owner_team_id},
        row_id=domain.pk,
        team_ids=frozenset({team.pk, domain.owner_team_id}),
    )


@builds_stored_text
def new_domain_change(domain: Domain) -> ProposedRoleChange:
    """That a domain is there: no database is its own yet, so it takes no second governor."""
    words = {"team": domain.owner_team.name, "domain": domain.name}
    return ProposedRoleChange(
        kind=RoleChangeKind.DOMAIN,
        description=_("the new domain %(domain)s belongs to %(team)s") % words,
        new_values={"owner_team_id": domain.owner_team_id},
        old_values={},
        row_id=domain.pk,
        team_ids=frozenset({domain.owner_team_id}),
        needs_second_governor=False,
    )


@builds_stored_text
def database_domain_change(database: Database, domain: Domain | None) -> ProposedRoleChange:
    """To have another domain answer for a database."""
    named = {"database": f"{database.catalog.short_name}.{database.name}"}
    what = (
        _("the database %(database)s belongs to %(domain)s")
        if domain
        else _("the database %(database)s belongs to no domain")
    )
    return ProposedRoleChange(
        kind=RoleChangeKind.DATABASE,
        description=what % {**named, "domain": domain.name if domain else ""},
        new_values={"domain_id": domain.pk if domain else None},
        old_values={"domain_id": database.domain_id},
        row_id=database.pk,
        team_ids=_owner_team_ids(database.domain, domain),
    )


@builds_stored_text
def product_domain_change(product: DataProduct, domain: Domain) -> ProposedRoleChange:
    """To move a product to another domain, which answers for its tables whose database has none."""
    words = {"product": product.name, "domain": domain.name, "before": product.domain.name}
    return ProposedRoleChange(
        kind=RoleChangeKind.PRODUCT,
        description=_("the product %(product)s belongs to %(domain)s instead of %(before)s") % words,
        new_values={"domain_id": domain.pk},
        old_values={"domain_id": product.domain_id},
        row_id=product.pk,
        team_ids=_owner_team_ids(product.domain, domain),
    )


@builds_stored_text
def new_product_change(product: DataProduct) -> ProposedRoleChange:
    """That a product is there: its domain answers for tables for which none did."""
    words = {"product": product.name, "domain": product.domain.name}
    return ProposedRoleChange(
        kind=RoleChangeKind.PRODUCT,
        description=_("the new product %(product)s belongs to %(domain)s") % words,
        new_values={"domain_id": product.domain_id},
        old_values={},
        row_id=product.pk,
        team_ids=_owner_team_ids(product.domain),
        needs_second_governor=False,
    )


@builds_stored_text
def product_tables_change(product: DataProduct) -> ProposedRoleChange:
    """That a product has other tables: its domain answers for those for which none did."""
    words = {"product": product.name, "domain": product.domain.name}
    return ProposedRoleChange(
        kind=RoleChangeKind.PRODUCT,
        description=_("other tables belong to %(domain)s through the product %(product)s") % words,
        new_values={"domain_id": product.domain_id},
        old_values={},
        row_id=product.pk,
        team_ids=_owner_team_ids(product.domain),
        needs_second_governor=False,
    )


def _owner_team_ids(*domains: Domain | None) -> frozenset[int]:
    return frozenset(domain.owner_team_id for domain in domains if domain)
