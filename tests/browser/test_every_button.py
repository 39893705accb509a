"""A part of `manage.py press_buttons`: buttons of the main pages, pressed by who sees them."""

import random
from functools import partial

import pytest
from playwright.sync_api import Browser

from demo.button_crawl import ButtonCrawler, CrawlReport
from demo.main_pages import group_by_person
from demo.screenshots import FoundPage, fetch_page, get_page_name
from tests.demo_process import RunningDemo

pytestmark = [
    pytest.mark.all,
    pytest.mark.browser,
    pytest.mark.spends_demo,
    pytest.mark.xdist_group("demo"),
]
SEED, MOST_BUTTONS, LEAST_BUTTONS, PATIENCE = 57, 5, 3, 300.0


def test_no_button_of_a_main_page_leads_to_an_error(browser: Browser, running_demo: RunningDemo) -> None:
    """So many for each person. Back, a second sending and a second tab belong to each press."""
    report, url = CrawlReport(), running_demo.url.rstrip("/")
    for person, pages in group_by_person():
        crawler = ButtonCrawler(browser, url, person, "de-DE" if person == "Jonas Weber" else "en-GB", report)
        paths = [page.find_path(partial(fetch_page, crawler.context, url)) for page in pages]
        found = [FoundPage(get_page_name(path), path) for path in paths]
        crawler.crawl_pages(random.Random(SEED).sample(found, len(found)), PATIENCE, MOST_BUTTONS)
        crawler.close()
    assert report.faults == []
    assert min(report.pressed.values()) >= LEAST_BUTTONS
