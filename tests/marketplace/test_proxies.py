"""Behind a proxy that ends TLS: what it says counts, what others say does not, and no redirect leads to itself."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from marketplace.middleware import TrustedProxyMiddleware
from tests.marketplace.production import run_in_production

ANSWERS = """
import json, django
django.setup()
from django.test import Client
from django.urls import reverse
found = {}
for path, headers in (
    ("/api/v1/access-requests", {}), ("/api/v1/access-requests", {"X-Forwarded-Proto": "https"}), ("/api/v1/access-requests", {"X-Forwarded-Proto": "http"}), ("/healthz", {}),
):
    for peer in ("10.0.0.9", "198.51.100.9"):
        answer = Client(REMOTE_ADDR=peer, raise_request_exception=False).get(path, headers={"Host": "data.example", **headers})
        key = " ".join([path, headers.get("X-Forwarded-Proto", "-"), peer])
        found[key] = [answer.status_code, answer.headers.get("Location", ""), answer.headers.get("Strict-Transport-Security", "")]
print(json.dumps(found))
"""


def test_what_the_proxy_received_by_tls_is_not_redirected_and_gets_hsts() -> None:
    done = run_in_production(ANSWERS, MESHMARKET_PROXIES="1", MESHMARKET_SSL_REDIRECT="true")
    found = json.loads(done.stdout)
    _, where, hsts = found["/api/v1/access-requests https 10.0.0.9"]
    assert (where, hsts) == ("", "max-age=31536000")
    for key in (
        "/api/v1/access-requests - 10.0.0.9",
        "/api/v1/access-requests http 10.0.0.9",
        "/api/v1/access-requests https 198.51.100.9",
    ):
        assert found[key] == [301, "https://data.example/api/v1/access-requests", ""]
    for peer in ("10.0.0.9", "198.51.100.9"):
        assert found[f"/healthz - {peer}"][0] == 503  # the health check of a container speaks plain http


def test_proxies_may_be_named() -> None:
    done = run_in_production(
        ANSWERS, MESHMARKET_PROXIES="1", MESHMARKET_SSL_REDIRECT="true",
        MESHMARKET_PROXY_ADDRESSES="198.51.100.0/24",
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["/api/v1/access-requests https 198.51.100.9"][1] == ""
    assert found["/api/v1/access-requests https 10.0.0.9"][0] == 301


def test_a_redirect_that_would_never_end_is_refused() -> None:
    done = run_in_production("import django; django.setup()", MESHMARKET_SSL_REDIRECT="true")
    assert done.returncode == 1
    assert "MESHMARKET_SSL_REDIRECT needs MESHMARKET_PROXIES" in done.stderr


@pytest.mark.parametrize(
    ("proxies", "peer", "is_kept"),
    [
        (1, "10.1.2.3", True), (1, "127.0.0.1", True), (1, "::ffff:10.1.2.3", True), (1, "fd00::1", True), (1, "", True),
        (1, "198.51.100.9", False), (1, "2606:4700::1111", False), (1, "no address", False), (0, "10.1.2.3", False),
    ],
)  # fmt: skip
def test_forwarding_headers_count_from_our_proxies_alone(
    settings: Settings, proxies: int, peer: str, *, is_kept: bool
) -> None:
    settings.PROXIES = proxies
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    headers = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https", "Forwarded": "for=203.0.113.5"}
    TrustedProxyMiddleware(view)(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))
    assert [name in seen[0].headers for name in headers] == [is_kept] * 3


def test_addresses_that_are_none_are_refused(settings: Settings) -> None:
    settings.PROXY_ADDRESSES = ["proxy.example"]
    with pytest.raises(ImproperlyConfigured, match="MESHMARKET_PROXY_ADDRESSES"):
        TrustedProxyMiddleware(lambda _request: HttpResponse())
