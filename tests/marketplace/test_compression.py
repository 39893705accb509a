"""What is sent compressed, and what is not."""

import gzip

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import reverse

from marketplace.compression import CompressionMiddleware
from tests.bank import Bank
from tests.portal.conftest import bank, make_client  # noqa: F401

LONG = b"a row of a table; " * 100
GZIP = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def answer(response: HttpResponseBase, method: str = "get", accepted: str = "gzip") -> HttpResponseBase:
    def get_response(_request: HttpRequest) -> HttpResponseBase:
        return response

    request = getattr(RequestFactory(), method)("/", headers={"Accept-Encoding": accepted})
    return CompressionMiddleware(get_response)(request)  # type: ignore[return-value]


def test_a_page_is_compressed_for_whoever_accepts_it() -> None:
    compressed = answer(HttpResponse(LONG))
    assert gzip.decompress(compressed.content) == LONG  # type: ignore[attr-defined]
    assert (compressed["Content-Encoding"], compressed["Vary"]) == ("gzip", "Accept-Encoding")
    assert len(compressed.content) == int(compressed["Content-Length"]) < len(LONG)  # type: ignore[attr-defined]
    plain = answer(HttpResponse(LONG), accepted="identity")
    assert (plain.content, plain["Vary"]) == (LONG, "Accept-Encoding")  # type: ignore[attr-defined]


def test_its_length_tells_nothing_of_what_is_in_it() -> None:
    lengths = {len(answer(HttpResponse(LONG)).content) for _ in range(20)}  # type: ignore[attr-defined]
    assert len(lengths) > 1


def test_an_export_is_compressed_while_it_is_read() -> None:
    rows = (b"%d,claims\n" % number for number in range(5_000))
    exported = answer(StreamingHttpResponse(rows, content_type="text/csv"))
    parts = list(exported)
    assert len(parts) > 1
    assert gzip.decompress(b"".join(parts)).endswith(b"4999,claims\n")


@pytest.mark.parametrize(
    ("response", "method"),
    [
        (HttpResponse(LONG), "post"),
        (HttpResponse(LONG, content_type="font/woff2"), "get"),
        (HttpResponse(LONG, headers={"Content-Encoding": "br"}), "get"),
        (HttpResponse(b"Short."), "get"),
        (FileResponse(iter([LONG]), status=206), "get"),
    ],
)
def test_what_shows_a_secret_or_gains_nothing_stays_as_it_is(response: HttpResponseBase, method: str) -> None:
    before = response.get("Content-Encoding")
    assert answer(response, method).get("Content-Encoding") == before


def test_pages_the_api_and_static_files_of_the_site_are_compressed(bank: Bank) -> None:  # noqa: F811
    client = make_client(bank.ana)
    for address in ("/", reverse("api-search"), "/static/vendor/htmx.min.js", "/static/css/site.css"):
        compressed = client.get(address, headers=GZIP)
        body = compressed.getvalue()
        assert compressed["Content-Encoding"] in ("gzip", "br"), address
        assert "Accept-Encoding" in compressed["Vary"], address
        assert len(body) < len(client.get(address).getvalue()), address


@pytest.mark.django_db
def test_a_static_file_that_the_browser_has_is_not_sent_again() -> None:
    sent = Client().get("/static/vendor/htmx.min.js", headers=GZIP)
    kept = {**GZIP, "If-Modified-Since": sent["Last-Modified"]}
    kept |= {"If-None-Match": sent["ETag"]} if "ETag" in sent else {}
    assert Client().get("/static/vendor/htmx.min.js", headers=kept).status_code == 304


def test_a_version_that_was_read_compressed_can_be_written(bank: Bank) -> None:  # noqa: F811
    """`If-Match` names it by the weak ETag of a compressed answer."""
    client, address = make_client(bank.ines), reverse("api-data-product-discovery", args=[bank.product.slug])
    etag = client.get(address)["ETag"]
    statuses = [
        client.patch(address, "{}", content_type="application/json", headers={"If-Match": sent}).status_code
        for sent in (f"W/{etag}", etag, '"another"')
    ]
    assert statuses[0] == statuses[1] != statuses[2] == 412
