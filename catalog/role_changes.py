"""Role changes whose rows are the catalog's: who owns a domain, and which domain answers for a database or product."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Database
from catalog.products.models import DataProduct, Domain
from catalog.search.index.indexing import index_products
from identity.people.models import Team
from identity.role_changes.changes import Change
from identity.role_changes.effects import ROWS, Rows
from identity.role_changes.states import RoleChangeKind

ROWS[RoleChangeKind.DOMAIN] = Rows(Domain)
ROWS[RoleChangeKind.DATABASE] = Rows(Database)
ROWS[RoleChangeKind.PRODUCT] = Rows(DataProduct, after=lambda pk: index_products([pk]))


def domain_owner(domain: Domain, team: Team) -> Change:
    """To make another team the owner of a domain: its data owners decide then."""
    words = {"team": team.name, "domain": domain.name, "before": domain.owner_team.name}
    return Change(
        kind=RoleChangeKind.DOMAIN,
        what=_("the domain %(domain)s belongs to %(team)s instead of %(before)s") % words,
        wanted={"owner_team_id": team.pk},
        before={"owner_team_id": domain.owner_team_id},
        row_id=domain.pk,
        teams=frozenset({team.pk, domain.owner_team_id}),
    )


def domain_made(domain: Domain) -> Change:
    """That a domain is there: no database is its own yet, so it takes no second governor."""
    words = {"team": domain.owner_team.name, "domain": domain.name}
    return Change(
        kind=RoleChangeKind.DOMAIN,
        what=_("the new domain %(domain)s belongs to %(team)s") % words,
        wanted={"owner_team_id": domain.owner_team_id},
        before={},
        row_id=domain.pk,
        teams=frozenset({domain.owner_team_id}),
        weighty=False,
    )


def database_domain(database: Database, domain: Domain | None) -> Change:
    """To have another domain answer for a database."""
    named = {"database": f"{database.catalog.short_name}.{database.name}"}
    what = (
        _("the database %(database)s belongs to %(domain)s")
        if domain
        else _("the database %(database)s belongs to no domain")
    )
    return Change(
        kind=RoleChangeKind.DATABASE,
        what=what % {**named, "domain": domain.name if domain else ""},
        wanted={"domain_id": domain.pk if domain else None},
        before={"domain_id": database.domain_id},
        row_id=database.pk,
        teams=_owning(database.domain, domain),
    )


def product_domain(product: DataProduct, domain: Domain) -> Change:
    """To move a product to another domain, which answers for its tables whose database has none."""
    words = {"product": product.name, "domain": domain.name, "before": product.domain.name}
    return Change(
        kind=RoleChangeKind.PRODUCT,
        what=_("the product %(product)s belongs to %(domain)s instead of %(before)s") % words,
        wanted={"domain_id": domain.pk},
        before={"domain_id": product.domain_id},
        row_id=product.pk,
        teams=_owning(product.domain, domain),
    )


def product_made(product: DataProduct) -> Change:
    """That a product is there: its domain answers for tables for which none did."""
    words = {"product": product.name, "domain": product.domain.name}
    return Change(
        kind=RoleChangeKind.PRODUCT,
        what=_("the new product %(product)s belongs to %(domain)s") % words,
        wanted={"domain_id": product.domain_id},
        before={},
        row_id=product.pk,
        teams=_owning(product.domain),
        weighty=False,
    )


def product_tables(product: DataProduct) -> Change:
    """That a product has other tables: its domain answers for those for which none did."""
    words = {"product": product.name, "domain": product.domain.name}
    return Change(
        kind=RoleChangeKind.PRODUCT,
        what=_("other tables belong to %(domain)s through the product %(product)s") % words,
        wanted={"domain_id": product.domain_id},
        before={},
        row_id=product.pk,
        teams=_owning(product.domain),
        weighty=False,
    )


def _owning(*domains: Domain | None) -> frozenset[int]:
    return frozenset(domain.owner_team_id for domain in domains if domain)
