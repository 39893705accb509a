"""The database in which a grant's account finds a table."""

from catalog.mirror.models import Table
from fulfilment.observations.storage import get_data_catalog
from identity.accounts.models import Account
from lakeformation.values.permissions import DataCatalog
from lakeformation.values.resource_links import link_database_name, link_name
from requests_app.grants.models import Grant


def get_consumer_database(grant: Grant, table: Table) -> str:
    """What was adopted has no name of ours: it is read through whatever link the account has."""
    access = grant.intent.access
    return (
        get_linked_database(table, grant.principal.account)
        if access.reaches_many_tables or access.adoption
        else grant.intent.consumer_database
    )


def get_linked_database(table: Table, account: Account | None) -> str:
    """The database in which the account finds the table, once it is granted: that of the resource link, or the table's
    own.
    """
    catalog = table.database.catalog
    place = get_data_catalog(catalog)
    if account and DataCatalog(account.account_id, account.region) == place:
        return table.database.name
    if account and account.uses_table_links(catalog.pk, table.database.name):
        return link_database_name(table.database.name, place)
    return link_name(table.database.name, place)
