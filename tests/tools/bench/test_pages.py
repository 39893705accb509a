"""`manage.py bench pages`: a slice, for what it checks; not for how long things take."""

from functools import cache

import pytest
from django.urls import Resolver404, resolve

from demo.main_pages import MAIN_PAGES
from tests.tools.bench.command import run_bench
from tools.bench.pages.bench import LEAST
from tools.bench.pages.environment import list_addresses
from tools.bench.pages.wide_tables import PAGES


@pytest.mark.all
def test_each_page_answers_beside_the_smallest_one() -> None:
    run = run_bench("pages", "--quick", "--tables", "60", "--requests", "30", "--seconds", "0.05")
    run.check()
    for name in LEAST:
        assert run.figures[name]["value"] > 0
        assert run.figures[f"{name}, shown first"]["value"] > 0
        assert run.figures[name]["ratio_to"] == f"the smallest page, by turns with {name}"
    for name in PAGES:
        assert run.figures[f"{name} of 2,500 columns"]["ratio_to"] == f"{name} of 10 columns"


@pytest.mark.all
def test_each_main_page_is_compared_with_the_smallest_one() -> None:
    run = run_bench("pages", "--part", "main", "--quick")
    run.check()
    for page in MAIN_PAGES:
        assert run.figures[page.name]["ratio_to"] == "the smallest page"
        assert run.figures[f"{page.name}, HTML"]["value"] > 1
    assert "statements" in run.output


def test_what_is_requested_are_pages_of_the_site() -> None:
    found = list_addresses(60, 1)
    assert found.keys() == LEAST.keys()
    for addresses in found.values():
        assert addresses
        assert all(is_page(address.partition("?")[0]) for address in addresses)


@cache
def is_page(path: str) -> bool:
    try:
        return bool(resolve(path).url_name)
    except Resolver404:
        return False
