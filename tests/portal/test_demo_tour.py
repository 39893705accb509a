"""The demo's tour: its steps are done when the database shows it."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.revisions.actions import create_product, publish_product_draft, save_product_draft
from catalog.revisions.content import compute_state_digest, read_content
from catalog.revisions.queries import get_draft
from demo.pages import tour
from identity.people.models import Membership, Person
from kernel import clock
from tests import factories
from tests.bank import Bank, approve, make_owner_developer, submit_bank_request
from tests.portal.conftest import make_client
from tests.product_files import apply
from tests.publication_rules import put_in_force

REQUEST, TABLES, FILE = "request", "from-tables", "from-file"


@pytest.fixture
def tables(bank: Bank) -> list[Table]:
    """Emre develops products of Insurance, which has the tables of the tour."""
    make_owner_developer(bank)
    Domain.objects.filter(pk=bank.domain.pk).update(slug=tour.DOMAIN)
    silver = factories.make_database(bank.catalog, bank.domain, tour.DATABASE)
    return [factories.make_table(silver, name, ["event_type"]) for name in tour.TABLES]


@pytest.fixture
def marek(bank: Bank) -> Person:
    """He owns the data of Retail Banking, which Lucia develops."""
    marek, lucia = (
        Person.objects.create(email=f"{name.replace(' ', '.').lower()}@harbour.example", name=name)
        for name in ("Marek Novak", "Lucia Ferri")
    )
    team = factories.make_team("Retail Banking Data", owners=[marek])
    factories.add_members(team, Membership.Role.DEVELOPER, [lucia])
    domain = Domain.objects.create(slug=tour.IMPORTING_DOMAIN, name="Retail Banking", owner_team=team)
    silver = factories.make_database(bank.catalog, domain, "retail_banking_silver")
    factories.make_table(silver, "branch_visits", ["reason", "minutes_waited"])
    return marek


def list_done(client: Client, slug: str) -> list[bool]:
    """Which steps of the section are done."""
    sections = client.get(reverse("demo-tour")).context["sections"]
    return next([step.is_done for step in one.steps] for one in sections if one.slug == slug)


def publish(person: Person, product: DataProduct) -> None:
    draft = get_draft(product)
    shown = compute_state_digest(product, draft)
    publish_product_draft(acting_user=person, slug=product.slug, shown=shown, now=clock.now())


def save(person: Person, product: DataProduct, **changes: object) -> None:
    save_product_draft(
        acting_user=person, slug=product.slug, content=replace(read_content(product), **changes), note="",  # type: ignore[arg-type]
        now=clock.now(), based_on=compute_state_digest(product, get_draft(product)),
    )  # fmt: skip


def test_a_request_is_followed(bank: Bank) -> None:
    ana = make_client(bank.ana)
    assert list_done(ana, REQUEST) == [False] * 5
    item = submit_bank_request(bank).items.get()
    assert list_done(ana, REQUEST) == [True, True, False, False, False]
    approve(bank, item)
    assert list_done(ana, REQUEST) == [True, True, True, False, False]


def test_what_was_requested_before_the_tour_does_not_count(bank: Bank) -> None:
    submit_bank_request(bank)
    assert list_done(make_client(bank.ana), REQUEST) == [False] * 5


def test_a_product_is_followed_from_its_tables(bank: Bank, tables: list[Table]) -> None:
    emre, ana = Person.objects.get(name="Emre Aydin"), make_client(bank.ana)
    put_in_force(bank.greta)
    assert list_done(ana, TABLES) == [False] * 3
    product = create_product(
        acting_user=emre, domain=tour.DOMAIN, name="Lapses", summary="Lapses and claims.", owner=bank.ines.pk,
        now=clock.now(),
    )  # fmt: skip
    assert list_done(ana, TABLES) == [False] * 3
    chosen = tuple(table.pk for table in tables)
    save(emre, product, tables=chosen)
    assert list_done(ana, TABLES) == [True, False, False]
    words = "Every event of a policy beside its claims."
    save(bank.ines, product, tables=chosen, description=words, sql_example=tour.EXAMPLE)
    assert list_done(ana, TABLES) == [True, True, False]
    publish(bank.ines, product)
    assert list_done(ana, TABLES) == [True, True, True]


@pytest.mark.usefixtures("marek")
def test_a_product_is_followed_from_its_file(bank: Bank) -> None:
    lucia, marek = (Person.objects.get(name=name) for name in ("Lucia Ferri", "Marek Novak"))
    client = make_client(bank.ana)
    page = client.get(reverse("demo-tour")).content.decode()
    assert "id: branch-visits" in page
    assert list_done(client, FILE) == [False, False]
    product = apply(lucia, tour.CONTRACT_FILE.read_text(), publishes=False).product
    assert list_done(client, FILE) == [True, False]
    publish(marek, product)
    assert list_done(client, FILE) == [True, True]
    assert reverse("data-product", args=[product.slug]) in client.get(reverse("demo-tour")).content.decode()


def test_the_step_of_a_section_that_was_begun_is_the_current_one(bank: Bank, marek: Person) -> None:
    client, lucia = make_client(bank.ana), Person.objects.get(name="Lucia Ferri")
    assert client.get(reverse("demo-tour")).context["current"].person == bank.ana
    apply(lucia, tour.CONTRACT_FILE.read_text(), publishes=False)
    assert client.get(reverse("demo-tour")).context["current"].person == marek


def test_a_broken_cookie_starts_the_tour_anew(bank: Bank) -> None:
    client = make_client(bank.ana)
    client.cookies["tour-from"] = "9" * 40
    submit_bank_request(bank)
    assert list_done(client, REQUEST) == [False] * 5
