"""Each address of the URL table is a deed, or a page that axe looks at in both themes: a new one cannot be forgotten."""

from tests.bank import Bank
from tests.browser.addresses import rendered

ELSEWHERE = {
    "ledgers", "term", "sign-in",
    "ledger", "ledger-adopt", "ledger-known", "ledger-remove", "sync", "connection", "revoked",
}  # fmt: skip
"""Pages of what the engine makes, and doors: the first three are looked at in tests/browser/test_every_page.py."""
DEEDS_ON_THEM = {
    "ledger-csv", "ledger-heal", "sync-drop", "sync-resume", "connection-check", "connection-register",
    "account-template", "group-end", "member-add", "member-remove", "notice", "notice-signed", "healthz",
}  # fmt: skip
"""Of things that are not there either; and what answers with no page."""


def test_every_page_is_rendered_to_be_looked_at(bank: Bank) -> None:
    found = rendered(bank)
    assert found.unseen == ELSEWHERE | DEEDS_ON_THEM
    assert len(found.pages) > len(ELSEWHERE)
