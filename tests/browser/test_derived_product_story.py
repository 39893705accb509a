"""Marek lets Aisha's product have a lower class than the data of his that it is made from; Jonas limits credentials. By keyboard."""

import pytest

from demo.journey.verdict_roles import PRODUCER
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings

pytestmark = [pytest.mark.browser, pytest.mark.all, pytest.mark.xdist_group("demo")]
ASKER, OWNER = "aisha.bello@harbour.example", "marek.novak@harbour.example"
DERIVATION = "data-products/card-accounts/derivation/"
CREDENTIALS = "my-products/claims/credentials/"


def check_findings(findings: PageFindings) -> None:
    """The browser notes each form that is answered 422."""
    errors = [one for one in findings.errors if "status of 422" not in one]
    assert (findings.axe, findings.policy, errors) == ([], [], [])


def test_an_owner_lets_a_product_be_less_classified_than_its_data(
    person: Person, findings: PageFindings
) -> None:
    aisha, marek = person(ASKER, "light"), person(OWNER, "dark")
    aisha.open(DERIVATION)
    assert "Waiting for review" in aisha.read_text("main")
    marek.open("derivation-requests/")
    marek.follow("main a[data-row]")
    marek.follow("#derivation-decision button[value=approve]")
    assert marek.page.locator("[aria-invalid=true]").count() == 1
    marek.type_into("#id_comment", "The score cannot be computed back from the limit.")
    marek.follow("#derivation-decision button[value=approve]")
    assert "Active" in marek.read_text("main .title")
    aisha.open(DERIVATION)
    main = aisha.read_text("main")
    assert "Active" in main
    assert "Waiting for review" not in main
    check_findings(findings)


def test_a_wrong_limit_of_credentials_is_named_and_a_right_one_is_saved(
    person: Person, findings: PageFindings
) -> None:
    jonas = person(PRODUCER, "light")
    jonas.open(CREDENTIALS)
    jonas.type_into("#id_minutes", "5")
    jonas.follow("main button[data-primary-action]")
    assert jonas.page.locator("#minutes-error").is_visible()
    jonas.type_into("#id_minutes", "30")
    jonas.follow("main button[data-primary-action]")
    assert "data-products/claims/" in jonas.page.url
    jonas.open(CREDENTIALS)
    assert jonas.page.locator("#id_minutes").input_value() == "30"
    check_findings(findings)
