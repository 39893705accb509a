"""Pages of a product's life cycle, for its owners, its consumers, and people who may not see it."""

from datetime import timedelta

import pytest
from django.test import Client

from catalog.product_lifecycle.models import (
    Deprecation,
    RequestException,
    Retirement,
    compute_lifecycle_digest,
)
from identity.people.models import Person
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.product_retirement.execution import carry_out_retirements
from tests import factories
from tests.bank import Bank, approve, make_bank, make_owner_developer, submit_bank_item
from tests.html import squeeze
from tests.offers import publish_draft
from tests.product_lifecycle import REASON, deprecate, make_successor, reload_product, schedule
from tests.products import save_draft


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def sign_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(person: Person, path: str) -> str:
    return squeeze(sign_in(person).get(path).content.decode())


def test_a_product_is_deprecated_by_its_form(bank: Bank) -> None:
    successor = make_successor(bank)
    path = f"/my-products/{bank.product.slug}/deprecate/"
    sent = {
        "reason": " ",
        "successor": successor.slug,
        "shown": compute_lifecycle_digest(reload_product(bank)),
    }
    client = sign_in(bank.ines)
    refused = client.post(path, sent)
    assert (refused.status_code, Deprecation.objects.count()) == (422, 0)
    assert f'value="{successor.slug}" selected' in refused.content.decode()
    assert client.post(path, sent | {"reason": REASON}).status_code == 302
    assert Deprecation.objects.get().successor == successor
    page = read(bank.ana, f"/data-products/{bank.product.slug}/")
    for text in (REASON, successor.slug, "It takes no new requests."):
        assert text in page
    assert "/access-requests/new/" not in page.split("<main")[1]


def test_who_may_not_edit_finds_no_page_and_a_developer_no_buttons(bank: Bank) -> None:
    deprecate(bank)
    for path in ("lifecycle/", "deprecate/", "retire/"):
        assert sign_in(bank.ana).get(f"/my-products/{bank.product.slug}/{path}").status_code == 404
    developer = make_owner_developer(bank)
    page = read(developer, f"/my-products/{bank.product.slug}/lifecycle/")
    assert "Only the owner and the data owners" in page
    assert "<form" not in page.split("<main")[1]
    assert sign_in(developer).get(f"/my-products/{bank.product.slug}/retire/").status_code == 404


def test_the_banner_is_wherever_consumers_look(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    deprecate(bank)
    pages = (
        "/grants/", f"/access-requests/new/?table={bank.claims.pk}", f"/tables/{bank.claims.pk}/",
        f"/data-products/{bank.product.slug}/access/",
    )  # fmt: skip
    for path in pages:
        assert REASON in read(bank.ana, path), path
    assert "deprecated" in read(bank.ana, "/search/?q=claims")


def test_an_exception_is_made_and_ended(bank: Bank) -> None:
    deprecate(bank)
    path = f"/my-products/{bank.product.slug}/request-exceptions/"
    until = (clock.now() + timedelta(days=9)).date().isoformat()
    client = sign_in(bank.ines)
    assert client.post(path, {"who": "", "until": until, "reason": "x"}).status_code == 422
    sent = {"who": f"person-{bank.ana.pk}", "until": until, "reason": "The year's end."}
    assert client.post(path, sent).status_code == 302
    exception = RequestException.objects.get()
    assert (exception.person, exception.allowed_by) == (bank.ana, bank.ines)
    assert "/access-requests/new/" in read(bank.ana, f"/data-products/{bank.product.slug}/").split("<main")[1]
    client.post(f"{path}{exception.pk}/end/")
    exception.refresh_from_db()
    assert exception.ended_by == bank.ines


def get_digest(page: str) -> str:
    return page.split('name="shown" value="')[1].split('"', maxsplit=1)[0]


def test_the_plan_is_shown_confirmed_and_called_off(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    deprecate(bank)
    path, client = f"/my-products/{bank.product.slug}/retire/", sign_in(bank.ines)
    day = (clock.now() + timedelta(days=9)).date().isoformat()
    page = client.get(path, {"on": day}).content.decode()
    assert "1 grant ends" in page
    assert f"/grants/{grant.pk}/" in page
    refused = client.post(path, {"on": "", "shown": get_digest(page)})
    assert (refused.status_code, Retirement.objects.count()) == (422, 0)
    assert "The plan has changed in the meantime" in refused.content.decode()
    assert client.post(path, {"on": day, "shown": get_digest(page)}).status_code == 302
    assert Retirement.objects.get().planned[0]["grant"] == grant.pk
    shown = compute_lifecycle_digest(reload_product(bank))
    client.post(f"/my-products/{bank.product.slug}/retirement/cancel/", {"shown": "of another page"})
    assert Retirement.objects.get().state == "scheduled"
    client.post(f"/my-products/{bank.product.slug}/retirement/cancel/", {"shown": shown})
    assert Retirement.objects.get().state == "called_off"


def test_a_past_or_broken_day_is_said_at_its_field(bank: Bank) -> None:
    deprecate(bank)
    client, path = sign_in(bank.ines), f"/my-products/{bank.product.slug}/retire/"
    for day, error in (("soon", "Enter a valid date"), ("2020-01-01", "Choose a day after today")):
        page = client.get(path, {"on": day})
        assert (page.status_code, error in page.content.decode()) == (422, True)
        assert "retirement-form" not in page.content.decode()
        assert client.post(path, {"on": day, "shown": "x"}).status_code == 422
    assert not Retirement.objects.exists()


def test_the_address_of_a_retired_product_names_its_successor(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    successor = make_successor(bank)
    deprecate(bank, successor=successor.slug)
    schedule(bank)
    carry_out_retirements(clock.now())
    for person in (bank.ana, bank.ines, bank.sam):
        page = read(person, f"/data-products/{bank.product.slug}/")
        assert "This product was retired on" in page
        assert f"/data-products/{successor.slug}/" in page
    assert sign_in(bank.ana).get(f"/data-products/by-id/{bank.product.pk}/").status_code == 302
    assert sign_in(bank.ana).get("/data-products/by-id/999999/").status_code == 404
    assert Grant.objects.get().state == "revoked"


def test_a_hidden_product_is_not_named_by_its_id(bank: Bank) -> None:
    hidden = factories.make_product(bank.domain, bank.ines, [], "Hidden")
    hidden.is_published = False
    hidden.save(update_fields=["is_published"])
    assert sign_in(bank.ana).get(f"/data-products/by-id/{hidden.pk}/").status_code == 404


def test_a_breaking_draft_names_its_consumers_and_needs_the_tick(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    extra = factories.make_table(bank.claims.database, "rates")
    save_draft(bank, bank.ines, tables=(extra.pk,))
    client, path = sign_in(bank.ines), f"/my-products/{bank.product.slug}/draft/"
    page = client.get(path).content.decode()
    for text in ("Version 2.0.0 breaks", "is removed.", bank.ana.name, "accepts_breaking"):
        assert text in page
    client.post(f"{path}publish/", {"shown": get_digest(page)})
    assert bank.product.revisions.get().state == "draft"
    client.post(f"{path}publish/", {"shown": get_digest(page), "accepts_breaking": "yes"})
    assert bank.product.revisions.get().version == "2.0.0"
    assert "version 2.0.0" in client.get(f"/my-products/{bank.product.slug}/revisions/").content.decode()


def test_lists_name_the_state(bank: Bank) -> None:
    deprecate(bank)
    for path in ("/my-products/", f"/people/{bank.ines.pk}/", f"/my-products/{bank.product.slug}/lifecycle/"):
        assert '<span class="tag">deprecated</span>' in read(bank.ines, path), path


def test_who_wants_to_retire_a_published_product_is_told_what_comes_first(bank: Bank) -> None:
    client, path = sign_in(bank.ines), f"/my-products/{bank.product.slug}/"
    assert "Plan the retirement" in client.get(f"{path}lifecycle/").content.decode()
    page = client.get(f"{path}retire/", follow=True).content.decode()
    assert "To retire the product, deprecate it first." in page


def test_who_comes_second_is_told_why(bank: Bank) -> None:
    client, path = sign_in(bank.ivo), f"/my-products/{bank.product.slug}/"
    shown = compute_lifecycle_digest(reload_product(bank))
    deprecate(bank)
    answer = client.post(f"{path}deprecate/", {"reason": "Mine.", "shown": shown}, follow=True)
    assert "The product is deprecated already." in answer.content.decode()
    schedule(bank, factories.days_from_now(5))
    answer = client.post(f"{path}retire/", {"on": "", "shown": "x"}, follow=True)
    assert "The retirement of the product is confirmed already." in answer.content.decode()
    assert (Deprecation.objects.count(), Retirement.objects.count()) == (1, 1)


def test_a_deprecated_product_shows_no_way_to_request_it(bank: Bank) -> None:
    publish_draft(bank)
    product, form = f"/data-products/{bank.product.slug}/", f"/access-requests/new/?table={bank.claims.pk}"
    assert "/access-requests/new/" in read(bank.ana, product).split("<main")[1]
    deprecate(bank)
    for path in (product, f"/tables/{bank.claims.pk}/"):
        assert "/access-requests/new/" not in read(bank.ana, path).split("<main")[1], path
    assert "No new requests" in read(bank.ana, form)
    assert 'name="purpose"' not in read(bank.ana, form)


def test_a_retired_product_leads_its_team_to_its_history_and_to_no_editor(bank: Bank) -> None:
    deprecate(bank)
    schedule(bank)
    carry_out_retirements(clock.now())
    path = f"/my-products/{bank.product.slug}/"
    assert f"{path}lifecycle/" in read(bank.ines, f"/data-products/{bank.product.slug}/")
    assert f"{path}lifecycle/" not in read(bank.ana, f"/data-products/{bank.product.slug}/")
    assert sign_in(bank.ines).get(f"{path}edit/").headers["Location"] == f"{path}lifecycle/"
    assert "/draft/" not in read(bank.ines, f"{path}lifecycle/").split("<main")[1]
    assert sign_in(bank.ana).get(f"/api/v1/data-products/{bank.product.slug}").status_code == 404
    assert sign_in(bank.ana).get(f"/api/v1/data-products/{bank.product.slug}/lifecycle").json()["retired_at"]
