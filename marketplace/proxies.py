"""Trusts forwarding headers only from our own proxies."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

FORWARDING_HEADERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
)


class TrustedProxyMiddleware:
    """Drops forwarding headers of anybody who is not at one of `PROXY_ADDRESSES`, and all of them without proxies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        try:
            self.networks = [ip_network(one) for one in settings.PROXY_ADDRESSES]
        except ValueError as error:
            raise ImproperlyConfigured(f"MESHMARKET_PROXY_ADDRESSES: {error}") from error

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PROXIES or not self._is_trusted(request.META.get("REMOTE_ADDR", "")):
            for name in FORWARDING_HEADERS:
                request.META.pop(name, None)
        return self.get_response(request)

    def _is_trusted(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return not text  # a socket of the file system, which only this machine's processes open
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)
