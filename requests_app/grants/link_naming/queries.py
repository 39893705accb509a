"""What an account can choose link naming for (itself, and each database it holds something of), and its choices."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from fulfilment.intents.models import Intent, list_live_intents
from identity.accounts import Account, ConnectedCatalog, link_naming_key

INHERIT, DATABASE_LINK, TABLE_LINKS = "account", "database", "tables"
LINK_NAMINGS = (DATABASE_LINK, TABLE_LINKS)
"""A link to the owner's database; a link for each table. A database may also follow the account's choice."""
CatalogDatabase = tuple[int, str]
"""A connected catalog's row and a database in it."""


@dataclass(frozen=True)
class LinkNamingChoice:
    """`link_naming` as chosen, `by_table` what it results in. `wide_grant_count`: grants of LF-Tags or of the
    whole database, which always use a link to it; `changing_grant_count`: those with unproven new names.
    """

    catalog: ConnectedCatalog
    database: str
    link_naming: str
    by_table: bool
    wide_grant_count: int
    changing_grant_count: int

    @property
    def key(self) -> str:
        return link_naming_key(self.catalog.pk, self.database)


def get_account_link_naming(account: Account) -> str:
    """The link naming of databases without a choice of their own."""
    return TABLE_LINKS if account.table_links.get("") else DATABASE_LINK


def list_link_naming_choices(account: Account) -> list[LinkNamingChoice]:
    """For each database of another catalog in which the account holds something, or chose for, by name. Two queries."""
    intents = list(list_account_intents(account))
    pairs = (key.partition("/") for key in account.table_links if key)
    chosen = [(int(catalog), database) for catalog, _slash, database in pairs]
    found: dict[CatalogDatabase, list[Intent]] = {place: [] for place in chosen}
    catalogs = {
        connected_catalog.pk: connected_catalog
        for connected_catalog in ConnectedCatalog.objects.select_related("account")
    }
    for intent in intents:
        for database in intent.access.databases:
            found.setdefault((get_granting_catalog_id(intent), database), []).append(intent)
    known = ((place, theirs) for place, theirs in found.items() if place[0] in catalogs)
    shown = (_build_choice(account, catalogs[place[0]], place[1], theirs) for place, theirs in known)
    return sorted(shown, key=lambda one: (one.database, one.catalog.pk))


def list_account_intents(account: Account) -> QuerySet[Intent]:
    """Live intents whose data appears in the account's catalog under our link names."""
    here = Q(wanted__owner=account.account_id, wanted__region=account.region)
    live = list_live_intents().filter(kind=Intent.Kind.GRANT, wanted__consumer=account.account_id)
    return live.exclude(here).exclude(wanted__has_key="adoption").order_by("pk")


def get_granting_catalog_id(intent: Intent) -> int:
    """Its connected catalog's row: of the key of its share scope."""
    return int(intent.scope_key.split(":")[1])


def _build_choice(
    account: Account, catalog: ConnectedCatalog, database: str, theirs: list[Intent]
) -> LinkNamingChoice:
    chosen = account.table_links.get(link_naming_key(catalog.pk, database))
    accesses = [intent.access for intent in theirs]
    return LinkNamingChoice(
        catalog,
        database,
        link_naming=INHERIT if chosen is None else TABLE_LINKS if chosen else DATABASE_LINK,
        by_table=account.uses_table_links(catalog.pk, database),
        wide_grant_count=sum(access.reaches_many_tables for access in accesses),
        changing_grant_count=sum(access.previous_link_naming is not None for access in accesses),
    )
