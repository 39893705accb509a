"""The network that limits count as one client. Pure."""

from ipaddress import IPv6Address, ip_address, ip_network

HOME_BITS = 64
"""Of an IPv6 address: what a provider gives to one household or machine."""


def household_of(text: str) -> str:
    """An IPv4 address, or the network of an IPv6 address; empty for what is no address."""
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found.packed, HOME_BITS), strict=False))
