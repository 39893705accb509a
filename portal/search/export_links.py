"""Addresses of the API under which a whole search is downloaded."""

from urllib.parse import parse_qsl, urlencode

from catalog.search.query import SearchQuery


def export_querystring(query: SearchQuery) -> str:
    """The search, as the API takes it: there `format` says which file is wanted."""
    pairs = parse_qsl(query.to_querystring())
    return urlencode([("data_format" if name == "format" else name, value) for name, value in pairs])
