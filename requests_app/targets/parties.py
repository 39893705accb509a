"""The parties of a grant, in the terms of Lake Formation."""

from fulfilment.observations.storage import get_data_catalog
from lakeformation.access.parties import Parties
from lakeformation.values.permissions import DataCatalog
from requests_app.access_requests.models import RequestItem


def build_parties(item: RequestItem) -> Parties:
    """The item's principal, its account's catalog, and the catalog that the item is about."""
    principal, catalog = item.request.principal, item.table.database.catalog
    return Parties(
        principal_arn=principal.arn,
        principal_id=principal.unique_id,
        consumer_catalog=DataCatalog(principal.account.account_id, principal.account.region),
        owner_catalog=get_data_catalog(catalog),
        catalog_short_name=catalog.short_name,
        location_role=catalog.location_role_arn,
    )
