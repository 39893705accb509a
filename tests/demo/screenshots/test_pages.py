"""The crawl that chooses which pages of a demo are photographed."""

from demo.screenshots import FoundPage, extract_paths, find_pages, get_page_name

SITE = {
    "/": '<a href="/grants/">A</a> <a href="/tables/7/">B</a> <a href="/tables/8/">C</a>',
    "/grants/": '<a href="?show=ended">D</a> <a href="https://elsewhere.example/">E</a> <a href="/">F</a>',
    "/tables/7/": '<a href="/api/v1/grants">data</a><a href="/no-such-page/">G</a>',
}


def fetch(path: str) -> str:
    return SITE.get(path, "")


def test_one_page_of_each_name_is_found() -> None:
    assert find_pages(fetch, "ana", ()) == [
        FoundPage("home-ana", "/"),
        FoundPage("grants-ana", "/grants/"),
        FoundPage("table", "/tables/7/"),
    ]


def test_pages_that_differ_by_role_are_found_for_each_person() -> None:
    found = find_pages(fetch, "jonas", ["table", "grants-ana", "home-ana"])
    assert [page.name for page in found] == ["home-jonas", "grants-jonas"]


def test_links_that_leave_the_site_are_not_followed() -> None:
    html = SITE["/grants/"] + '<a href="mailto:ana@harbour.example">H</a><a name="top">I</a>'
    assert extract_paths(html, "/grants/") == ["/grants/?show=ended", "/"]


def test_data_and_the_administration_are_no_pages() -> None:
    assert [get_page_name(path) for path in ("/api/v1/grants", "/admin/identity/person/", "/nowhere/")] == [
        "",
        "",
        "",
    ]
