"""The page of service tokens shows a secret once."""

import re

import pytest
from django.test import Client

from identity.service_tokens import ServiceToken
from tests.bank import Bank
from tests.identity.service_tokens.samples import make_service_token


@pytest.fixture
def ines(bank: Bank) -> Client:
    client = Client()
    client.force_login(bank.ines)
    return client


def test_a_token_is_made_and_its_secret_shown_once(ines: Client, bank: Bank) -> None:
    form = {"team": bank.insurance.pk, "name": "dbt", "scopes": ["lineage:write"], "expires_on": "2027-01-31"}
    answer = ines.post("/tokens/", form)
    assert answer.status_code == 201
    secret = re.search(r"mmk_[\w-]{43}", answer.content.decode())
    assert secret
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret[0] not in ines.get("/tokens/").content.decode()


def test_a_member_of_another_team_sees_and_revokes_nothing(bank: Bank) -> None:
    token, stranger = make_service_token(bank.ines).token, Client()
    stranger.force_login(bank.ana)
    assert "nightly pipeline" not in stranger.get("/tokens/").content.decode()
    assert stranger.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert stranger.get(f"/api/v1/tokens/{token.pk}").status_code == 404


def test_the_api_makes_and_revokes_tokens(ines: Client, bank: Bank) -> None:
    body = {"team": bank.insurance.slug, "name": "Spark", "scopes": ["data:read"], "expires_at": "2027-01-31"}
    made = ines.post("/api/v1/tokens", body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["secret"].startswith(made.json()["hint"])
    assert "secret" not in ines.get(f"/api/v1/tokens/{made.json()['id']}").json()
    revoked = ines.post(f"/api/v1/tokens/{made.json()['id']}/revoke", {}, content_type="application/json")
    assert revoked.json()["revoked_at"]
    assert ServiceToken.objects.get().revoked_by == bank.ines
