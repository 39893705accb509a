"""What every declared list does at its page, by the same names as in the API."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from identity.service_tokens import TokenScope, create_service_token, revoke_service_token
from portal.lists.table import list_tables
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


def test_a_person_hides_columns_and_finds_them_hidden_the_next_time(ines: Client, bank: Bank) -> None:
    address = reverse("list-columns", args=["tokens"])
    names = [column.name for column, _shown in ines.get(PAGE).context["listed"].table.choices]
    answer = ines.post(address, {"column": names[:-1], "next": f"{PAGE}?revoked=false"})
    assert answer["Location"] == f"{PAGE}?revoked=false"
    table = ines.get(PAGE).context["listed"].table
    assert [column.name for column, is_shown in table.choices if not is_shown] == names[-1:]
    assert names[-1] not in [head.column.name for head in table.heads]
    assert all(
        is_shown for _column, is_shown in make_client(bank.greta).get(PAGE).context["listed"].table.choices
    )
    ines.post(address, {"next": PAGE})
    assert all(is_shown for _column, is_shown in ines.get(PAGE).context["listed"].table.choices)


def test_a_column_that_the_list_lacks_is_refused(ines: Client, bank: Bank) -> None:
    ines.post(reverse("list-columns", args=["tokens"]), {"column": ["secret"], "next": PAGE})
    bank.ines.refresh_from_db()
    assert bank.ines.hidden_columns == {}
    assert ines.post(reverse("list-columns", args=["nothing"])).status_code == 404


def test_each_column_of_a_declared_table_has_a_name_of_its_own(ines: Client) -> None:
    tables = [table for table in list_tables() if table.columns]
    assert tables
    for table in tables:
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names)), table
