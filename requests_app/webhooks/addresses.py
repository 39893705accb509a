"""Where a webhook may lead: to https on public addresses, so that nobody has the workers speak to what is inside.

`MESHMARKET_WEBHOOKS_INSIDE` lets them go to private addresses and plain http, where the foreign system is inside, too.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(Exception):
    """The webhook's name leads nowhere, or to where it may not; the text says which."""


def refusal_of(url: str) -> str:
    """Why a webhook cannot have this address; empty when it can, as far as its text tells."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("This is not an address.")
    if not url.isascii() or not url.isprintable() or " " in url:
        return _("This is not an address: spaces and other signs are written as %xx in it.")
    if parts.scheme != "https" and not (settings.WEBHOOKS_INSIDE and parts.scheme == "http"):
        return _("It has to begin with https://")
    if not parts.hostname or parts.username is not None or parts.password is not None or port == 0:
        return _("It needs a host, and neither name nor password.")
    if not settings.WEBHOOKS_INSIDE and is_inside_by_text(parts.hostname):
        return _("It leads to a private address.")
    return ""


def is_inside_by_text(host: str) -> bool:
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def resolved(host: str, port: int) -> str:
    """The IP address to speak to: looked up once, so that a name that changes its mind leads nowhere else.

    RefusedAddressError when any of its addresses is inside, or there is none.
    """
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise RefusedAddressError(_("Its name leads nowhere just now.")) from error
    if not settings.WEBHOOKS_INSIDE and not all(is_public(ipaddress.ip_address(one)) for one in found):
        raise RefusedAddressError(_("It leads to a private address."))
    return found[0]


def is_public(address: Address) -> bool:
    """Also of what is wrapped into an IPv6 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast
