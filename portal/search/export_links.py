"""Links to the API that download all results of a search."""

from urllib.parse import parse_qsl, urlencode

from catalog.search.query import SearchQuery
from portal.api.filters import get_facet_parameter


def export_querystring(query: SearchQuery) -> str:
    pairs = parse_qsl(query.to_querystring())
    return urlencode([(get_facet_parameter(name), value) for name, value in pairs])
