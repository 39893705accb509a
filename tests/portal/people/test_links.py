"""People, teams and domains are linked where pages name them."""

import pytest
from django.template import Context, Template

from identity.people.models import Team
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client


def test_pages_link_to_whom_they_name(bank: Bank) -> None:
    item = submit_bank_item(bank)
    owner, requester = f"/people/{bank.ines.pk}/", f"/people/{bank.ana.pk}/"
    owner_team, requesting_team = f"/teams/{bank.insurance.slug}/", f"/teams/{bank.bi.slug}/"
    domain = f"/domains/{bank.domain.slug}/"
    expected = {
        f"/data-products/{bank.product.slug}/": {owner, owner_team, domain},
        f"/tables/{bank.claims.pk}/": {owner_team, domain},
        f"/access-requests/{item.request_id}/": {requester, requesting_team},
        "/reviews/": {requester},
        f"/reviews/{item.pk}/": {owner, requester, requesting_team},
        "/search/?q=claims": {domain},
        f"/policies/{bank.domain.slug}/": {owner_team},
    }
    client = make_client(bank.ines)
    for address, links in expected.items():
        page = client.get(address).content.decode()
        assert {link for link in links if f'href="{link}"' not in page} == set(), address


def test_the_request_form_links_to_the_team_that_decides(bank: Bank) -> None:
    page = make_client(bank.ana).get(f"/access-requests/new/?table={bank.claims.pk}").content.decode()

    assert f'href="/teams/{bank.insurance.slug}/">Insurance</a> owns this data.' in page


def test_who_has_access_links_to_the_team(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    page = make_client(bank.ines).get(f"/data-products/{bank.product.slug}/access/").content.decode()

    assert f'href="/teams/{bank.bi.slug}/"' in page


@pytest.mark.django_db
def test_a_linked_name_is_escaped_alone_and_in_a_sentence() -> None:
    team = factories.make_team("<b>R&D</b>")
    template = "{% load i18n %}{% page_link team as name %}{% blocktranslate %}Ask {{ name }}.{% endblocktranslate %}"

    link = f'<a class="above" dir="auto" href="/teams/{team.slug}/">&lt;b&gt;R&amp;D&lt;/b&gt;</a>'
    assert render("{% page_link team %}", team) == link
    assert render(template, team) == f"Ask {link}."


def render(template: str, team: Team) -> str:
    return Template(template).render(Context({"team": team}))
