"""Each address of the URL table is a deed, or a page that axe looks at in both themes: a new one cannot be forgotten."""

from tests.bank import Bank
from tests.browser.addresses import rendered

ELSEWHERE = {"glossary-term", "sign-in"}
"""Doors, looked at in tests/browser/test_every_page.py."""
DEEDS_ON_THEM = {"account-connection-template", "notification", "notification-open", "healthz"}
"""Of things that are not there; and what answers with no page."""


def test_every_page_is_rendered_to_be_looked_at(bank: Bank) -> None:
    found = rendered(bank)
    assert found.unseen == ELSEWHERE | DEEDS_ON_THEM
    assert len(found.pages) > len(ELSEWHERE)
