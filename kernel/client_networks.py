"""The network that limits count as one client. Pure."""

from ipaddress import IPv6Address, ip_address, ip_network

IPV6_NETWORK_BITS = 64
"""The part of an IPv6 address that a provider assigns to one client."""


def get_client_network(text: str) -> str:
    """An IPv4 address, or the /64 network of an IPv6 address; empty if the text is not an address."""
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found.packed, IPV6_NETWORK_BITS), strict=False))
