"""A product named Zephyrine with a table and a column of unusual names, and one person of each relation to it."""

from dataclasses import dataclass

from catalog.discovery import DiscoverySettings, read_settings, set_discovery
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.search.index.indexing import index_products
from identity.accounts import Account
from identity.people.models import Person, Team
from kernel import clock
from tests import factories
from tests.catalog.indexing import index_tables

WORDS = ("zephyrine", "zephyrtable", "zephyrcolumn", "zephyrbucket")
"""Each is in the product alone."""


@dataclass(frozen=True)
class Zephyrine:
    product: DataProduct
    table: Table
    other_product: DataProduct
    named: Team
    people: dict[str, Person]
    accounts: dict[str, Account]

    def limit(self, seen_by: str, requested_by: str = "") -> None:
        """Of who may see by default the fewest may request."""
        teams = frozenset({self.named.pk})
        requested = requested_by or ("domain" if seen_by == "domain" else seen_by)
        said = DiscoverySettings(
            seen_by,
            requested,
            teams if seen_by == "teams" else frozenset(),
            teams if requested == "teams" else frozenset(),
        )
        product = DataProduct.objects.get(pk=self.product.pk)
        shown = read_settings(product).digest
        owner = self.people["domain owner"]
        set_discovery(acting_user=owner, slug=product.slug, settings=said, shown=shown, now=clock.now())


def make_zephyrine() -> Zephyrine:
    people = {
        "domain owner": factories.make_person("Olga Domain"),
        "domain": factories.make_person("Dora Domain"),
        "line": factories.make_person("Lina Line"),
        "other line": factories.make_person("Otto Other"),
        "named": factories.make_person("Nora Named"),
        "nobody": factories.make_person("Nick Teamless"),
        "outside": factories.make_person("Mira Outside", is_external=True),
        "auditor": factories.make_auditor(),
    }
    own = factories.make_team("Weather", members=[people["domain"]], owners=[people["domain owner"]])
    line = factories.make_team("Oceans", members=[people["line"]])
    other = factories.make_team("Retail", members=[people["other line"]])
    named = factories.make_team("Research", members=[people["named"]])
    outside = factories.make_team("Partner", members=[people["outside"]])
    domains = [
        factories.make_domain(team, name)
        for team, name in ((own, "Weather"), (line, "Oceans"), (other, "Retail"))
    ]
    for domain, branch in zip(domains, ("Earth", "Earth", "Shops"), strict=True):
        Domain.objects.filter(pk=domain.pk).update(line_of_business=branch)
        domain.refresh_from_db()
    catalog = factories.make_catalog(factories.make_account(factories.make_team("Governance")))
    database = factories.make_database(catalog, domains[0], "weather_gold")
    table = factories.make_table(database, "zephyrtable", ["zephyrcolumn"])
    Table.objects.filter(pk=table.pk).update(location="s3://zephyrbucket/gold/")
    other_table = factories.make_table(database, "storms", ["height"])
    product = factories.make_product(domains[0], people["domain owner"], [table], "Zephyrine")
    other_product = factories.make_product(domains[0], people["domain owner"], [other_table], "Storms")
    accounts = {
        name: factories.make_account(team, name=f"Account {team.name}")
        for name, team in (("other line", other), ("named", named), ("outside", outside), ("line", line))
    }
    for account in accounts.values():
        factories.make_principal(account)
    index_tables([table.pk, other_table.pk])
    index_products()
    return Zephyrine(product, table, other_product, named, people, accounts)
