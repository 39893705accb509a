"""Staff who keep the people give nobody more than they have: no powers, no passwords, no groups."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from identity.people.models import Person
from identity.role_changes.models import RoleChange
from tests import factories
from tests.admin.test_edits_are_events import build_inline_fields
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank
from tests.role_changes import confirm_role_change, make_governor

NEW_PASSWORD = {
    "usable_password": "true",
    "password1": "another horse battery",
    "password2": "another horse battery",
}


@pytest.fixture
def eve(bank: Bank) -> Person:
    """Staff with every permission on people and groups, but no superuser."""
    eve = factories.make_person("Eve Staff", is_staff=True)
    kept = Permission.objects.filter(content_type__model__in=["person", "group"])
    eve.user_permissions.set(kept)
    return eve


@pytest.fixture
def staff(client: Client, eve: Person) -> Client:
    client.force_login(eve)
    return client


def build_person_form(person: Person, **changes: str) -> dict[str, object]:
    fields = {"email": person.email, "name": person.name, "title": "Changed", "is_active": "on"}
    return {
        **fields,
        **build_inline_fields("memberships"),
        **build_inline_fields("platform_roles"),
        **changes,
    }


def test_staff_cannot_make_themselves_superusers(staff: Client, eve: Person) -> None:
    powers = {"is_staff": "on", "is_superuser": "on", "email": "other@bank.example"}
    staff.post(build_address(Person, "change", eve.pk), build_person_form(eve, **powers))
    changed = Person.objects.get(pk=eve.pk)
    assert changed.title == "Changed"
    assert (changed.is_superuser, changed.email) == (False, eve.email)
    assert changed.user_permissions.count() == eve.user_permissions.count()


def test_staff_cannot_set_anothers_password(staff: Client, bank: Bank) -> None:
    for person in (bank.ines, bank.greta):
        before = Person.objects.get(pk=person.pk).password
        assert staff.post(f"/admin/identity/person/{person.pk}/password/", NEW_PASSWORD).status_code == 403
        assert Person.objects.get(pk=person.pk).password == before


def test_staff_cannot_change_a_superuser(staff: Client, bank: Bank) -> None:
    changes = {"is_active": ""}
    assert (
        staff.post(
            build_address(Person, "change", bank.greta.pk), build_person_form(bank.greta, **changes)
        ).status_code
        == 403
    )
    assert Person.objects.get(pk=bank.greta.pk).is_active


def test_staff_cannot_fill_a_group_with_permissions(staff: Client) -> None:
    group = Group.objects.create(name="keepers")
    permission = Permission.objects.values_list("pk", flat=True).first()
    fields = {"name": "keepers", "permissions": [permission]}
    assert staff.post(build_address(Group, "change", group.pk), fields).status_code == 403
    assert not group.permissions.exists()


def test_a_superuser_gives_passwords_and_proposes_powers(client: Client, bank: Bank, eve: Person) -> None:
    client.force_login(bank.greta)
    answer = client.post(f"/admin/identity/person/{eve.pk}/password/", NEW_PASSWORD)
    assert answer.status_code == 302
    client.post(
        build_address(Person, "change", eve.pk), build_person_form(eve, is_staff="on", is_superuser="on")
    )
    assert not Person.objects.get(pk=eve.pk).is_superuser
    change = RoleChange.objects.get(kind="administration")
    confirm_role_change(make_governor(), change)
    assert Person.objects.get(pk=eve.pk).is_superuser
