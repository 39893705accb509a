"""What the crawl of buttons calls wrong."""

import pytest
from django.urls import get_resolver

from demo.bootstrap import get_requirement_file
from demo.button_crawl import NOT_PRESSED
from demo.page_faults import ABOUT_THE_BROWSER, find_state_faults, find_status_fault, find_untranslated
from tests.portal.test_every_address import list_names


@pytest.mark.parametrize(
    ("status", "is_announced", "fault"),
    [
        (200, False, ""),
        (302, False, ""),
        (422, True, ""),
        (422, False, "answered 422 and does not say why"),
        (404, True, "answered 404, which the page did not announce"),
        (500, True, "answered 500"),
    ],
)
def test_an_answer_is_wrong_unless_the_page_announced_it(
    status: int, is_announced: object, fault: str
) -> None:
    assert find_status_fault(status, is_announced=bool(is_announced)) == fault


def test_a_state_has_the_word_of_the_vocabulary() -> None:
    assert list(find_state_faults([["active", "Active"]], "en")) == []
    assert list(find_state_faults([["active", "Aktiv"]], "de")) == []
    assert list(find_state_faults([["active", "Active"]], "de")) == [
        "the state active is called “Active”, not “Aktiv”"
    ]
    assert list(find_state_faults([["registered", "registered"]], "en")) == [
        "the state “registered” is none of the vocabulary"
    ]


def test_a_text_of_the_other_language_is_found() -> None:
    assert list(find_untranslated(["Waiting for review", "Claims"], "de"))
    assert list(find_untranslated(["Waiting for review", "Claims"], "en")) == []


def test_nobody_is_told_of_the_browser() -> None:
    assert ABOUT_THE_BROWSER.search("The key must have 1 to 64 characters.")
    assert not ABOUT_THE_BROWSER.search("As your browser asks")


def test_at_most_ten_forms_of_the_site_are_not_pressed() -> None:
    names = {name for name, _address in list_names(get_resolver("demo.urls"))}
    assert set(NOT_PRESSED) <= names
    assert len(NOT_PRESSED) <= 10
    assert all(NOT_PRESSED.values())


def test_pressing_buttons_needs_the_browsers_package() -> None:
    assert get_requirement_file("demo", ["--press-buttons"]) == "test"
