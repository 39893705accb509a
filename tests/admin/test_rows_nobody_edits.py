"""Engine rows, the record and the life cycles: a superuser looks at them and changes none."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from audit.models import Event
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item

OWN_APPS = ("audit", "identity", "fulfilment", "catalog", "requests")
PRIVATE_MODELS = {
    "Basket",
    "BasketItem",
    "CredentialSecret",
    "IdempotentCall",
    "Notification",
    "NotificationSetting",
    "RecentSearch",
    "ResultPage",
    "SavedSearch",
    "SavedSearchHit",
}
"""Of one person alone: no page shows them to an admin."""
OWN_MODELS = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
SHOWN_MODELS = [model for model in OWN_MODELS if model.__name__ not in PRIVATE_MODELS]
EDITABLE_MODEL_NAMES = {
    "Person", "Team", "Membership", "PlatformRole", "Account", "ConnectedCatalog", "Domain", "DataProduct",
    "ProductTable", "Database", "RankingWeights", "SamplingRole", "ScanPrice", "SyncSettings", "Trail", "Valve",
    "Webhook",
}  # fmt: skip
INLINE_CODE = re.compile(
    r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE
)


def build_address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def greta(client: Client, bank: Bank) -> Client:
    client.force_login(bank.greta)
    return client


@pytest.mark.parametrize("model", SHOWN_MODELS, ids=lambda model: model.__name__)
def test_every_model_has_its_page_and_the_right_base(greta: Client, bank: Bank, model: type[Model]) -> None:
    approve(bank, submit_bank_item(bank))
    kind: ModelAdmin[Model] = admin.site._registry[model]
    assert isinstance(kind, AuditedAdmin if model.__name__ in EDITABLE_MODEL_NAMES else ReadOnlyAdmin)
    page = greta.get(build_address(model, "changelist"))
    assert page.status_code == 200
    assert "delete_selected" not in page.content.decode()
    assert not INLINE_CODE.search(page.content.decode())


@pytest.mark.parametrize(
    "model",
    [model for model in SHOWN_MODELS if model.__name__ not in EDITABLE_MODEL_NAMES],
    ids=lambda model: model.__name__,
)
def test_nothing_is_added_to_the_rows_of_others(greta: Client, model: type[Model]) -> None:
    assert greta.get(build_address(model, "add")).status_code == 403
    assert greta.post(build_address(model, "add"), {}).status_code == 403


def test_a_state_cannot_be_changed_or_deleted_by_a_superuser(greta: Client, bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    events = Event.objects.count()
    for row in (grant, grant.item, grant.item.request, grant.item.decisions.get(), grant.intent, grant.event):
        page = build_address(type(row), "change", row.pk)
        shown = greta.get(page)
        assert shown.status_code == 200
        assert 'name="_save"' not in shown.content.decode()
        assert greta.post(page, {"state": "revoked"}).status_code == 403
        assert greta.post(build_address(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
    grant.refresh_from_db()
    assert (grant.state, RequestItem.objects.get().state, Event.objects.count()) == (
        "live",
        "approved",
        events,
    )


def test_a_grant_is_revoked_by_its_verb(greta: Client, bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    form = {"action": "revoke", "_selected_action": [grant.pk], "reason": ""}
    answer = greta.post(build_address(Grant, "changelist"), form, follow=True)
    assert "Say why the access ends." in answer.content.decode()
    grant.refresh_from_db()
    assert grant.state == "live"
    greta.post(build_address(Grant, "changelist"), form | {"reason": "The partner left."})
    grant.refresh_from_db()
    assert (grant.state, grant.ended_by, grant.end_reason) == ("revoked", bank.greta, "The partner left.")
    assert Event.objects.filter(verb="revoke_grant", actor=f"person:{bank.greta.pk}").count() == 1


def test_a_superuser_without_a_role_in_the_mesh_revokes_nothing(client: Client, bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    bank.greta.platform_roles.all().delete()
    client.force_login(bank.greta)
    form = {"action": "revoke", "_selected_action": [grant.pk], "reason": "Because."}
    assert "not found" in client.post(build_address(Grant, "changelist"), form, follow=True).content.decode()
    grant.refresh_from_db()
    assert grant.state == "live"


def test_only_staff_enter_and_by_the_sites_own_door(client: Client, bank: Bank) -> None:
    door = client.get("/admin/", follow=True)
    assert door.redirect_chain[-1] == ("/sign-in/?next=/admin/", 302)
    client.force_login(bank.greta)
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/admin/"
    for person in (bank.ana, bank.ines, bank.sam):
        client.force_login(person)
        assert client.get("/admin/", follow=True).status_code == 403
        assert client.get(build_address(Grant, "changelist"), follow=True).status_code == 403


@pytest.mark.parametrize("name", sorted(PRIVATE_MODELS))
def test_what_is_private_has_no_page_in_the_administration(name: str) -> None:
    (model,) = (model for model in OWN_MODELS if model.__name__ == name)
    assert model not in admin.site._registry
