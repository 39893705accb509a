"""Descriptions with Markdown or HTML are shown and indexed as plain text."""

import time

import pytest

from catalog.products.models import DataProduct
from catalog.search.markup import strip_markup
from catalog.search.results import Reason
from tests.catalog.sample_catalog import make_sample_catalog, reindex, search_as_ana


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold**, *slanted*, __bold__, _slanted_, ~~gone~~", "Bold, slanted, bold, slanted, gone"),
        ("***Both*** and **a *b* c**", "Both and a b c"),
        (
            '# Claims\n\nSee [the handbook](https://wiki.example/claims_(old) "Handbook").',
            "Claims\nSee the handbook.",
        ),
        ("![A chart](chart.png) of [claims][1]\n\n[1]: https://wiki.example", "A chart of claims"),
        ("Cut within [the handbook](https://wiki.exam…", "Cut within the handbook"),
        ("[![status](https://ci.example/b.svg)](https://ci.example) Claims", "status Claims"),
        ("* one\n* two\n- [x] three", "• one\n• two\n• three"),
        ("| id | name |\n|---|:--:|\n| 1 | Ana |", "id · name\n1 · Ana"),
        ("> Quoted\n\n---\n\nTitle\n=====\n\nText", "Quoted\nTitle\nText"),
        ("```sql\nSELECT *\nFROM a_b\n```\nthen `a * b`", "SELECT *\nFROM a_b\nthen a * b"),
        (
            "<p>Paid &amp; <b>open</b>&nbsp;claims<br/>of <a href='x'>all</a></p>",
            "Paid & open claims\nof all",
        ),
        ('Cut within <a href="https://wiki.exam…', "Cut within"),
        ("<script>alert(1)</script>ok<!-- note --> <style>p {}</style>", "ok"),
        (
            "&lt;b&gt;no tag&lt;/b&gt; \\*no mark\\* <https://wiki.example>",
            "<b>no tag</b> *no mark* https://wiki.example",
        ),
    ],
)
def test_markup_becomes_text(text: str, expected: str) -> None:
    assert strip_markup(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "claim_id of raw_claims, _partition_date and a * b * c",
        "SELECT * FROM claims WHERE a < 5 AND b > 3",
        "s3://claims/<table>/<id>/*.csv, map<string,int>, <b>",
        "C# and #5, AT&T, a && b, &copy=1, a | b",
        "C:\\temp [optional] (see below) [a] (b)",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert strip_markup(text) == text


@pytest.mark.parametrize(
    "part", ["<!--", "**a ", "[a](", "<a '", "[", "`", "```\n", "<script", "| ", "> ", "[a](b(c)"]
)
def test_hostile_text_takes_little_time(part: str) -> None:
    began = time.process_time()
    strip_markup(part * 20_000)
    assert time.process_time() - began < 2


@pytest.mark.django_db
def test_addresses_and_tags_are_no_reasons() -> None:
    shelf = make_sample_catalog()
    DataProduct.objects.filter(pk=shelf.claims.pk).update(
        summary="**Azure** <b>sky</b>", description="See [the beryl](https://copper.example/dune) <i>x</i>"
    )
    reindex()

    (hit,) = search_as_ana(shelf, "q=azure").hits
    assert (hit.summary, hit.shown_summary, hit.summary_spans) == ("Azure sky", "Azure sky", ((0, 5),))
    (hit,) = search_as_ana(shelf, "q=beryl").hits
    assert hit.reasons == (Reason("description", "", "See the beryl x", ((8, 13),)),)
    assert search_as_ana(shelf, "q=copper").total == 0
