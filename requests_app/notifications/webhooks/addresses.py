"""Which addresses a webhook may have: https on public addresses, so that workers never call internal services.

`MESHMARKET_WEBHOOKS_INSIDE` also allows private addresses and plain http, for receivers on the internal network.
"""

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Through which an IPv6-only network reaches IPv4: what is wrapped in counts."""
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
"""All that is public of IPv6. Outside lie unique local, link-local, mapped, compatible and translated IPv4, `64:ff9b:1::/48`, SRv6."""
RESERVED_IPV6 = tuple(
    ipaddress.ip_network(one)
    for one in (
        "2001::/23",  # protocols of the IETF: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
RESERVED_IPV4 = tuple(
    ipaddress.ip_network(one)
    for one in (
        "192.0.0.0/24",  # protocols of the IETF
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure answers there to the machine itself
    )
)
PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa")
NUMBER_PATTERN = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)")
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(Exception):
    """The webhook's name leads nowhere, or to where it may not; the text says which."""


def find_url_problem(url: str) -> str:
    """Why a webhook cannot have this address; empty when it can, as far as its text tells."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("This is not a valid address.")
    if not url.isascii() or not url.isprintable() or " " in url:
        return _("This is not a valid address. Write spaces and special characters as %xx.")
    if parts.scheme != "https" and not (settings.WEBHOOKS_INSIDE and parts.scheme == "http"):
        return _("The address must start with https://")
    if not parts.hostname or parts.username is not None or parts.password is not None or port == 0:
        return _("The address needs a host, and no user name or password.")
    if not settings.WEBHOOKS_INSIDE and is_private_host(parts.hostname):
        return _("The address points to a private network.")
    return ""


def is_private_host(host: str) -> bool:
    """Also of an address that is not written in full: `127.1`, `2130706433`, `0x7f.1`, or one with a zone."""
    name = host.rstrip(".").lower()
    try:
        return "%" in name or not is_public(ipaddress.ip_address(name))
    except ValueError:
        is_number = NUMBER_PATTERN.fullmatch(name.rpartition(".")[2]) is not None
        return is_number or name == "localhost" or name.endswith(PRIVATE_SUFFIXES)


def resolve_host(host: str, port: int) -> str:
    """The IP address to speak to: looked up once, so that a name that changes its mind leads nowhere else.

    RefusedAddressError when any of its addresses is inside, or there is none.
    """
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise RefusedAddressError(_("The host name can't be resolved at the moment.")) from error
    if not settings.WEBHOOKS_INSIDE and not all(is_public(ipaddress.ip_address(one)) for one in found):
        raise RefusedAddressError(_("The address points to a private network."))
    return found[0]


def is_public(address: IPAddress) -> bool:
    """IPv6 is public only where that is known: networks of other kinds are still being added."""
    if isinstance(address, ipaddress.IPv4Address):
        special = any(address in one for one in RESERVED_IPV4)
        return address.is_global and not address.is_multicast and not special
    if address in NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address in PUBLIC_IPV6 and not any(address in one for one in RESERVED_IPV6)
