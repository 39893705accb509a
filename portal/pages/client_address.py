"""The address a request comes from."""

from django.conf import settings
from django.http import HttpRequest

from identity.client_networks import household_of


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: the client that the outermost of our own proxies saw, or else who speaks to us.

    What stands further left in `X-Forwarded-For` is the client's own word and counts for nothing; empty if unknown.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), peer]
    own = settings.PROXIES
    seen = hops[-1 - own] if own < len(hops) else peer
    return household_of(seen) or household_of(peer)
