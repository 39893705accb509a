"""The life cycle by the API: the same verbs, states by ETag."""

from typing import Any

import pytest
from django.test import Client

from catalog.product_lifecycle.models import Retirement
from kernel import clock
from requests_app.product_retirement.execution import carry_out_retirements
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.product_lifecycle import REASON, make_successor


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


class Api:
    def __init__(self, bank: Bank) -> None:
        self.client = Client()
        self.client.force_login(bank.ines)
        self.path = f"/api/v1/data-products/{bank.product.slug}"

    def get(self, path: str) -> Any:
        return self.client.get(f"{self.path}/{path}")

    def post(self, path: str, said: dict[str, Any], etag: str = "") -> Any:
        headers = {"If-Match": etag} if etag else {}
        return self.client.post(f"{self.path}/{path}", said, content_type="application/json", headers=headers)


def test_deprecate_plan_retire(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    successor = make_successor(bank)
    api = Api(bank)
    start = api.get("lifecycle")
    assert (start.json()["lifecycle"], start.json()["version"]) == ("published", "1.0.0")
    said = {"reason": REASON, "successor": successor.slug}
    assert api.post("deprecate", said).status_code == 428
    assert api.post("deprecate", said, '"older"').status_code == 412
    done = api.post("deprecate", said, start["ETag"])
    assert (done.status_code, done.json()["lifecycle"]) == (200, "deprecated")
    assert done.json()["successor"]["id"] == successor.slug
    due_at = factories.days_from_now(10).isoformat()
    plan = api.post("retirement/preview", {"due_at": due_at})
    assert [one["grant"]["id"] for one in plan.json()["ending_grants"]] == [str(grant.pk)]
    assert api.post("retire", {"due_at": due_at}, '"older"').status_code == 412
    assert api.post("retire", {"due_at": due_at}, plan["ETag"]).status_code == 200
    assert api.post("retirement/cancel", {}).status_code == 428
    shown = api.get("lifecycle")["ETag"]
    assert api.post("retirement/cancel", {}, shown).json()["retires_at"] is None
    now_plan = api.post("retirement/preview", {})
    assert api.post("retire", {}, now_plan["ETag"]).status_code == 200
    carry_out_retirements(clock.now())
    assert api.get("lifecycle").json()["lifecycle"] == "retired"
    assert Retirement.objects.filter(state="done").count() == 1


def test_exceptions_and_withdrawal(bank: Bank) -> None:
    api = Api(bank)
    done = api.post("deprecate", {"reason": REASON}, api.get("lifecycle")["ETag"])
    said = {
        "team": bank.bi.slug,
        "expires_at": factories.days_from_now(5).isoformat(),
        "reason": "Year's end.",
    }
    made = api.post("request-exceptions", said)
    assert (made.status_code, made.json()["team"]["id"]) == (201, bank.bi.slug)
    assert api.post("request-exceptions", said | {"team": "nobody"}).status_code == 422
    assert len(api.get("request-exceptions").json()["results"]) == 1
    assert api.post(f"request-exceptions/{made.json()['id']}/end", {}).json()["ended_at"]
    assert api.post("deprecation/withdraw", {}, done["ETag"]).json()["lifecycle"] == "published"


def test_products_are_listed_by_lifecycle_with_their_successor(bank: Bank) -> None:
    successor = make_successor(bank)
    api = Api(bank)
    api.post("deprecate", {"reason": REASON, "successor": successor.slug}, api.get("lifecycle")["ETag"])
    found = api.client.get("/api/v1/data-products?lifecycle=deprecated").json()["results"]
    assert [(one["id"], one["lifecycle"]) for one in found] == [(bank.product.slug, "deprecated")]
    detail = api.client.get(api.path).json()
    assert (detail["successor"]["id"], detail["version"]) == (successor.slug, "1.0.0")


def test_consumers_may_read_it_and_do_nothing(bank: Bank) -> None:
    client = Client()
    client.force_login(bank.ana)
    path = f"/api/v1/data-products/{bank.product.slug}"
    assert client.get(f"{path}/lifecycle").status_code == 200
    for verb in ("deprecate", "deprecation/withdraw", "retire", "retirement/preview", "retirement/cancel"):
        sent = client.post(f"{path}/{verb}", {}, content_type="application/json", headers={"If-Match": '"x"'})
        assert sent.status_code in {404, 412, 422}, verb
        assert sent.status_code != 412 or client.get(f"{path}/draft").status_code == 404
