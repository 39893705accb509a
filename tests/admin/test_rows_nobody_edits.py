"""Engine rows, the record and the life cycles: a superuser looks at them and changes none."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from audit.admin import AuditedAdmin
from audit.models import Event
from kernel.admin_bases import ReadOnlyAdmin
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role

OWN_APPS = ("audit", "identity", "fulfilment", "catalog", "requests")
PRIVATE_MODELS = {
    "Basket",
    "BasketItem",
    "CredentialKey",
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


@pytest.fixture
def asked(bank: Bank) -> HttpRequest:
    """A request of a superuser who is a governance admin as well."""
    request = RequestFactory().get("/admin/")
    request.user = bank.greta
    return request


def test_every_model_has_the_right_base(asked: HttpRequest) -> None:
    """What the bases allow is asked of each class, which may say otherwise; tests/admin/test_every_page.py opens the pages."""
    assert set(SHOWN_MODELS) <= set(admin.site._registry)
    for model in SHOWN_MODELS:
        kind: ModelAdmin[Model] = admin.site._registry[model]
        is_editable = model.__name__ in EDITABLE_MODEL_NAMES
        assert isinstance(kind, AuditedAdmin if is_editable else ReadOnlyAdmin), model
        assert "delete_selected" not in kind.get_actions(asked), model
        assert kind.has_view_permission(asked), model


def test_nothing_is_added_to_the_rows_of_others_changed_or_deleted(asked: HttpRequest) -> None:
    for model in SHOWN_MODELS:
        kind = admin.site._registry[model]
        if isinstance(kind, ReadOnlyAdmin):
            powers = (kind.has_add_permission, kind.has_change_permission, kind.has_delete_permission)
            assert not any(may(asked) for may in powers), model
            assert not any(may(asked, model()) for may in powers[1:]), model
            for name in ("add_view", "change_view", "changeform_view", "delete_view"):
                own, django = getattr(type(kind), name), getattr(ModelAdmin, name)
                assert own is django, f"{model}: a {name} of its own may ask for no permission"


def test_the_pages_ask_for_these_permissions(greta: Client) -> None:
    for send in (greta.get, greta.post):
        assert send(build_address(Grant, "add"), {}).status_code == 403


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
    with as_role("meshmarket_owner"):
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


def test_what_is_private_has_no_page_in_the_administration() -> None:
    private = {model for model in OWN_MODELS if model.__name__ in PRIVATE_MODELS}
    assert len(private) == len(PRIVATE_MODELS)
    assert not private & set(admin.site._registry)
