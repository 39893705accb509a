"""The list of main pages, and the table of what was measured of them."""

import pytest
from django.urls import resolve

from demo.bootstrap import get_requirement_file
from demo.main_pages import MAIN_PAGES, MainPage
from demo.page_figures import format_figures
from demo.page_measures import JobFigures, PageFigures, pack_figures


def test_there_are_25_main_pages_at_addresses_of_the_site() -> None:
    assert len({page.name for page in MAIN_PAGES}) == 25
    for page in MAIN_PAGES:
        assert resolve(page.path.partition("?")[0]).url_name


def test_a_page_is_found_by_the_first_link_of_its_form() -> None:
    page = MainPage("a form", "Ana Keller", "/from/", r'/new/\?table=\d+[^"]*')
    html = '<a href="/new/">A</a><a href="/new/?table=7&amp;offer=1">B</a><a href="/new/?table=8">C</a>'
    assert page.find_path({"/from/": html}.__getitem__) == "/new/?table=7&offer=1"
    with pytest.raises(LookupError, match="/from/ has no link to a form for Ana Keller"):
        page.find_path(lambda _path: "")


def test_a_line_of_the_table_has_all_figures() -> None:
    page = PageFigures("inbox", "/reviews/", 995, 1800, None, 23.4, 9, 71.2)
    lines = format_figures(pack_figures([page], [JobFigures("approval by keyboard", 8, 0)])).splitlines()
    assert lines[1].split() == ["inbox", "995", "1800", "–", "23.4", "9", "71.2"]
    assert lines[-1].split() == ["approval", "by", "keyboard", "8", "0"]


def test_measuring_needs_the_browsers_package() -> None:
    assert get_requirement_file("demo", ["--measure-pages=figures.json"]) == "test"
    assert get_requirement_file("demo", []) == "demo"
