"""Each address of the URL table is a deed, or a page that axe looks at in both themes: a new one cannot be forgotten."""

from tests.bank import Bank
from tests.browser.rendered_pages import render_all_pages

PAGES_LOOKED_AT_ELSEWHERE = {"password-reset-confirm", "policy-rules", "sign-in"}
"""Looked at in tests/browser: test_every_page.py, test_password_reset.py and test_policy_form.py."""
ACTIONS_BY_GET = {
    "account-connection-template", "data-product-by-id", "notification", "notification-open", "healthz", "healthz-live", "healthz-ready",
}  # fmt: skip
"""Of things that are not there; and what answers with no page."""


def test_every_page_is_rendered_to_be_looked_at(bank: Bank) -> None:
    found = render_all_pages(bank)
    assert found.unreachable == PAGES_LOOKED_AT_ELSEWHERE | ACTIONS_BY_GET
    assert len(found.pages) > len(PAGES_LOOKED_AT_ELSEWHERE)
