"""A refusal points to the member that was sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern
from rest_framework.views import APIView

from identity.people.models import Membership, Person
from portal.api_urls import urlpatterns
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import draft, patch, place_of, read, send, table_item
from tests.portal.api.input_schemas import PREFIX, is_pointer_known, list_operations
from tests.portal.conftest import make_client


def list_mapped_views() -> list[tuple[str, type[APIView]]]:
    found = (
        (one.pattern, getattr(one.callback, "view_class", None))
        for one in urlpatterns
        if isinstance(one, URLPattern)
    )
    return [(str(route), view) for route, view in found if view and getattr(view, "members", None)]


@pytest.mark.parametrize(("route", "view"), list_mapped_views())
def test_each_place_of_a_view_is_in_one_of_its_inputs(route: str, view: Any) -> None:
    operations = list_operations(f"{PREFIX}{route}")
    names = {one["name"] for operation in operations for one in operation.get("parameters", ())}
    for place in view.members.values():
        pointer = f"#/{place.replace('.', '/')}" if place else "#"
        assert place in names or any(is_pointer_known(one, pointer) for one in operations), place


def test_an_access_request_is_refused_at_its_items(bank: Bank) -> None:
    claims = table_item(bank.claims, "claim_id")
    other = table_item(factories.make_table(bank.claims.database, "other"), "amount")
    for address in ("access-requests", "access-requests/preview"):
        for changes, place in (
            ({"row_filter": "nonsense"}, "row_filter"), ({"metadata_only": True, "columns": [], "use": "query"}, "use"),
            ({"offer_version": "999"}, "offer_version"), ({"data_product": "none"}, "data_product"),
        ):  # fmt: skip
            answer = send(bank.ana, address, draft(bank, items=[claims | changes]))
            assert (answer.status_code, place_of(answer)) == (422, f"#/items/0/{place}")
        answer = send(bank.ana, address, draft(bank, items=[claims, other | {"data_product": "none"}]))
        assert place_of(answer) == "#/items/1/data_product"
    answer = send(
        bank.ana, "access-requests/preview", draft(bank, items=[claims, other | {"row_filter": "x"}])
    )
    assert place_of(answer) == "#/items/1/row_filter"


def test_a_recipient_is_named_as_the_endpoint_names_it(bank: Bank) -> None:
    unknown = {"kind": "principal", "principal": "arn:aws:iam::1:role/none"}
    answer = send(bank.ana, "access-requests", draft(bank, recipient=unknown))
    assert place_of(answer) == "#/recipient"
    evaluation = {
        "requester": bank.ana.email, "principal": bank.role.arn, "table": str(bank.claims.pk), "columns": ["claim_id"],
        "duration": "P90D",
    }  # fmt: skip
    address = f"policies/{bank.domain.slug}/evaluate"
    assert place_of(send(bank.ines, address, evaluation | {"principal": "x"})) == "#/principal"
    assert place_of(send(bank.ines, address, evaluation | {"row_filter": "x"})) == "#/row_filter"
    answer = read(bank.ines, f"tables/{bank.claims.pk}/access-explanation", principal="x", column="claim_id")
    assert answer["errors"][0]["parameter"] == "principal"


def test_a_break_glass_consent_is_refused_at_its_members(bank: Bank) -> None:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [ben])
    said = {
        "domain": bank.domain.slug, "person": bank.ana.email, "second_person": ben.email, "principal": bank.role.arn,
        "tables": [{"table": str(bank.claims.pk), "column_mode": "all"}], "max_duration": "PT4H",
        "expires_at": factories.days_from_now(30).isoformat(), "comment": "Incidents.",
    }  # fmt: skip
    for changes, place in (
        ({"person": bank.sam.email}, "person"), ({"second_person": bank.ana.email}, "second_person"),
        ({"principal": "x"}, "principal"), ({"expires_at": factories.days_from_now(900).isoformat()}, "expires_at"),
        ({"comment": " "}, "comment"),
        ({"tables": [{"table": str(bank.claims.pk), "column_mode": "listed", "columns": ["x"]}]}, "tables"),
    ):  # fmt: skip
        answer = send(bank.ines, "break-glass/consents", said | changes)
        assert (answer.status_code, place_of(answer)) == (422, f"#/{place}")
    consent = send(bank.ines, "break-glass/consents", said).json()["id"]
    session = {"consent": consent, "duration": "PT4H", "comment": "Incident 12 of today"}
    for changes, place in (({"duration": "PT5H"}, "duration"), ({"comment": "x"}, "comment")):
        answer = send(bank.ana, "break-glass/sessions", session | changes)
        assert (answer.status_code, place_of(answer)) == (422, f"#/{place}")


def test_a_resubmitted_item_is_refused_at_its_members(bank: Bank) -> None:
    asks = [RequestedItem(bank.claims.pk, ("claim_id",), False, None, use="query")]
    item = submit_bank_item(bank, items=asks)
    send(bank.ines, f"reviews/{item.pk}/decisions", {"outcome": "request_changes", "comment": "Too much"})
    said = {"expires_at": factories.days_from_now(30).isoformat(), "metadata_only": True}
    answer = send(bank.ana, f"request-items/{item.pk}/resubmit", said)
    assert (answer.status_code, place_of(answer)) == (422, "#/metadata_only")


def test_settings_are_refused_at_the_one_that_does_not_stand(bank: Bank) -> None:
    client = make_client(bank.ana)
    found = client.get(f"{PREFIX}notification-settings")
    setting = found.json()["settings"][0]
    wrong = [setting, setting | {"channel": "portal", "frequency": "daily"}]
    etag = {"If-Match": found["ETag"]}
    answer = patch(client, "notification-settings", {"settings": wrong}, **etag)
    assert (answer.status_code, place_of(answer)) == (422, "#/settings/1/frequency")


def test_an_account_s_settings_are_refused_at_their_members(bank: Bank) -> None:
    tom = factories.make_person("Tom Brandt")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [tom])
    address = f"accounts/{bank.bi_account.account_id}/link-naming"
    etag = make_client(tom).get(f"{PREFIX}{address}")["ETag"]
    for body, place in (
        ({"naming": "database"}, "#/naming"),
        ({"databases": [{"id": "none", "naming": "table"}]}, "#/databases/0/id"),
    ):
        answer = patch(tom, address, body, **{"If-Match": etag})
        assert (answer.status_code, place_of(answer)) == (422, place)
    role = factories.make_principal(bank.bi_account, "nightly-load", services=["glue.amazonaws.com"])
    for _ in range(2):
        answer = patch(tom, f"service-roles/{role.pk}", {"responsible_person": bank.ana.email})
    assert (answer.status_code, place_of(answer)) == (422, "#/responsible_person")


def test_a_delegation_is_refused_at_its_end(bank: Bank) -> None:
    colleague: Person = factories.make_person("Olga Owner")
    factories.add_members(bank.domain.owner_team, Membership.Role.DATA_OWNER, [colleague])
    start = factories.days_from_now(1)
    said = {
        "team": bank.domain.owner_team.slug, "delegate": colleague.email, "starts_at": start.isoformat(),
        "expires_at": (start + timedelta(days=120)).isoformat(),
    }  # fmt: skip
    answer = send(bank.ines, "delegations", said)
    assert (answer.status_code, place_of(answer)) == (422, "#/expires_at")
