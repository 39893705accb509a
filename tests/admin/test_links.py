"""The administration leads people only to pages that they may open, and refuses everyone else."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from identity.people.models import Person
from requests_app.grants.models import Grant
from tests import factories
from tests.admin.admin_pages import list_links
from tests.admin.row_maker import RowMaker
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import make_bank


def list_pages(models: list[type[Model]], maker: RowMaker) -> Iterator[str]:
    yield reverse("admin:index")
    for model in models:
        yield build_address(model, "changelist")
        yield build_address(model, "change", maker.get_row(model).pk)


def find_refused(client: Client, pages: Iterator[str]) -> list[tuple[str, int]]:
    """Links that do not open, with their status."""
    links: set[str] = set()
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        links.update(list_links(answer.content.decode(), page))
    statuses = {link: client.get(link).status_code for link in sorted(links)}
    return [(link, status) for link, status in statuses.items() if status not in {200, 302}]


@pytest.fixture
def maker(db: None) -> RowMaker:
    maker = RowMaker()
    maker.make_generation()
    return maker


def test_staff_with_few_permissions_may_open_every_link(client: Client, maker: RowMaker) -> None:
    eve = factories.make_person("Eve Staff", is_staff=True)
    wanted = {"view_grant", "view_policyversion", "change_membership", "view_account"}
    eve.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(eve)
    models = [model for model in admin.site._registry if f"view_{model._meta.model_name}" in wanted]
    pages = list_pages(models, maker)
    assert len(models) == 3
    assert find_refused(client, pages) == []


def test_others_are_refused_everywhere(client: Client, db: None) -> None:
    """Each model by one of two people, its list or a row's page in turn."""
    make_bank()
    pages = [build_address(model, "changelist") for model in admin.site._registry][::2]
    pages += [build_address(model, "change", 1) for model in admin.site._registry][1::2]
    for number, name in enumerate(("Ana Keller", "Ines Roth")):
        client.force_login(Person.objects.get(name=name))
        for page in (reverse("admin:index"), *pages[number::2]):
            assert client.get(page, follow=True).status_code == 403, page


@pytest.mark.parametrize("is_staff", [False, True])
def test_the_portals_menu_leads_there_only_who_may_enter(client: Client, db: None, *, is_staff: bool) -> None:
    root = factories.make_person("Rosa Winter", is_superuser=True, is_staff=is_staff)
    client.force_login(root)
    page = client.get(reverse("role-changes")).content.decode()
    leads = f'<a href="{reverse("admin:index")}">Administration</a>' in page
    assert leads is (client.get(reverse("admin:index"), follow=True).status_code == 200) is is_staff


def test_staff_see_the_link_to_the_policies_they_may_open_alone(client: Client, maker: RowMaker) -> None:
    eve = factories.make_person("Eve Staff", is_staff=True)
    eve.user_permissions.set(Permission.objects.filter(codename__in=["view_policyversion", "view_grant"]))
    client.force_login(eve)
    version = next(model for model in admin.site._registry if model.__name__ == "PolicyVersion")
    page = client.get(build_address(version, "changelist")).content.decode()
    assert reverse("policy", args=[maker.get_row(version).domain.slug]) not in page
    grant = client.get(build_address(Grant, "change", maker.get_row(Grant).pk)).content.decode()
    assert "/admin/catalog/table/" not in grant
