"""The parties of a grant, in the terms of Lake Formation."""

from fulfilment.observations.storage import build_parties
from lakeformation.access.base import Parties
from requests_app.access_requests.models import RequestItem


def build_item_parties(item: RequestItem) -> Parties:
    """The item's principal, and the catalog that the item is about."""
    return build_parties(item.request.principal, item.table.database.catalog)
