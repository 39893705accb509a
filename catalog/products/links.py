"""Links of a data product to what it is made and used with."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import RefusedError
from kernel.text import check_storable

MAX_LINKS, MAX_URL_LENGTH = 10, 500
"""URLs of one kind, and characters of each."""


class LinkKind(TextChoices):
    CODE = "code", gettext_lazy("Code repository")
    PIPELINE = "pipeline", gettext_lazy("Pipeline")
    DASHBOARD = "dashboard", gettext_lazy("Dashboard")
    DOCUMENTATION = "documentation", gettext_lazy("Documentation")


Links = dict[str, list[str]]
"""URLs by `LinkKind`, without kinds that have none."""


def check_links(links: Mapping[str, Iterable[str]]) -> Links:
    """The URLs stripped and once each, in the order of the kinds. RefusedError for the field `<kind>_links`."""
    return {
        kind: urls for kind in LinkKind.values if (urls := _check_urls(links.get(kind, ()), f"{kind}_links"))
    }


def _check_urls(urls: Iterable[str], field: str) -> list[str]:
    found = list(dict.fromkeys(url.strip() for url in urls if url.strip()))
    if len(found) > MAX_LINKS:
        raise RefusedError(_("Use at most %(most)s links.") % {"most": MAX_LINKS}, field)
    for url in found:
        check_storable(url, field)
        if len(url) > MAX_URL_LENGTH or not _is_web_address(url):
            said = _("“%(url)s” is not a web address. Start it with https:// and leave out spaces.")
            raise RefusedError(said % {"url": url[:80]}, field)
    return found


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(host)
        and not parts.username
        and not any(map(str.isspace, url))
    )
