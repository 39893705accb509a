"""What every declared list does at its page, by the same names as in the API."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from identity.service_tokens import TokenScope, create_service_token, revoke_service_token
from tests import factories
from tests.bank import Bank
from tests.html import squeeze
from tests.portal.conftest import make_client

PAGE = reverse("tokens")


@pytest.fixture
def ines(bank: Bank) -> Client:
    """With a token `loader`, and one of the name `old` that is revoked."""
    for name in ("loader", "old"):
        made = create_service_token(
            acting_user=bank.ines,
            team_id=bank.product.domain.owner_team_id,
            name=name,
            scopes=[TokenScope.values[0]],
            expires_at=factories.days_from_now(30),
            now=factories.days_from_now(0),
        )
    revoke_service_token(acting_user=bank.ines, token_id=made.token.pk, now=factories.days_from_now(0))
    return make_client(bank.ines)


def list_names(client: Client, query: str) -> list[str]:
    return [row.token.name for row in client.get(f"{PAGE}?{query}").context["rows"]]


def test_the_page_filters_by_the_names_of_the_api(ines: Client) -> None:
    assert list_names(ines, "") == ["loader", "old"]
    assert list_names(ines, "revoked=true") == ["old"]
    assert list_names(ines, "revoked=false&team=nobody") == []
    assert ines.get("/api/v1/tokens?revoked=true&team=nobody").json()["results"] == []


def test_the_page_ignores_what_the_api_refuses(ines: Client) -> None:
    assert list_names(ines, "revoked=perhaps&sort=secret&page=x&nothing=1") == ["loader", "old"]
    answer = ines.get("/api/v1/tokens?revoked=perhaps")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "revoked")


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_its_files_hold_what_the_page_shows(ines: Client, kind: str) -> None:
    listed = ines.get(f"{PAGE}?revoked=true").context["listed"]
    address = f"{listed.export_url}{kind}"
    assert urlsplit(address).path == reverse("api-tokens")
    answer = ines.get(address)
    file = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "old" in file
    assert "loader" not in file


def test_a_table_names_its_columns_for_screen_readers_and_phones(ines: Client) -> None:
    page = squeeze(ines.get(PAGE).content.decode())
    assert '<th scope="col">May</th>' in page
    assert 'sort=last_used_at">Last used</a></th>' in page
    assert 'data-label="Last used"' in page
    assert '<span class="visually-hidden">Actions</span>' in page


def test_a_head_sorts_its_column_both_ways_and_says_so(ines: Client) -> None:
    assert list_names(ines, "sort=name") == ["loader", "old"]
    assert list_names(ines, "sort=-name&revoked=perhaps") == ["old", "loader"]
    page = squeeze(ines.get(f"{PAGE}?sort=name&revoked=false").content.decode())
    assert '<th scope="col" aria-sort="ascending"><a href="?revoked=false&amp;sort=-name">Service</a>' in page
    assert page.count("aria-sort") == 1
