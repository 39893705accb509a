"""The address a request comes from."""

from django.conf import settings
from django.http import HttpRequest

from kernel.client_networks import get_client_network


def get_client_address(request: HttpRequest) -> str:
    """The address that the outermost of our proxies saw, or the peer without proxies; empty if unknown.

    Entries further left in `X-Forwarded-For` are set by the client and are ignored.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), peer]
    own = settings.PROXIES
    seen = hops[-1 - own] if own < len(hops) else peer
    return get_client_network(seen) or get_client_network(peer)
