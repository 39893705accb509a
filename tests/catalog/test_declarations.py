"""A file says who is there and what is published: all of it or nothing, and what is there stays."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from catalog.declarations import DeclarationContext, DeclarationError, declare
from catalog.management.commands.declare import Command
from catalog.products.models import DataProduct, Domain
from catalog.search.index.models import Document
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.models import RoleChange
from kernel import clock
from tests import factories
from tests.bank import Bank, make_bank
from tests.role_changes import allow_lone_governor, confirm_role_change, make_governor

pytestmark = pytest.mark.django_db
PEOPLE: dict[str, Any] = {
    "teams": [{"slug": "cafe", "name": "Café"}],
    "people": [
        {
            "email": "ada@cafe.example",
            "name": "Ada Brandt",
            "platform_roles": ["steward"],
            "teams": {"cafe": ["member", "account_admin"]},
        }
    ],
}


@pytest.fixture
def declaring() -> DeclarationContext:
    return DeclarationContext(factories.make_admin(), clock.now(), "a first password")


def build_product_document(bank: Bank, **changes: Any) -> dict[str, Any]:
    named = f"{bank.claims.database.name}.{bank.claims.name}"
    row = {"slug": "zebras", "name": "Zebras", "summary": "Striped", "domain": bank.domain.slug}
    return {"products": [row | {"owner": bank.ines.email, "tables": [named]} | changes]}


def test_people_come_with_their_teams_and_roles_and_an_event_each(
    declaring: DeclarationContext, settings: Any
) -> None:
    allow_lone_governor(settings)
    assert len(declare(declaring, PEOPLE)) == 5
    ada = Person.objects.get(email="ada@cafe.example")
    assert ada.check_password("a first password")
    assert set(ada.memberships.values_list("role", flat=True)) == {"member", "account_admin"}
    assert PlatformRole.objects.get(person=ada).role == "steward"
    assert Event.objects.filter(actor=f"person:{declaring.person.pk}").count() == 6


def test_what_is_there_stays_as_people_left_it(declaring: DeclarationContext) -> None:
    declare(declaring, PEOPLE)
    Team.objects.filter(slug="cafe").update(name="Coffee house")
    assert declare(declaring, PEOPLE) == []
    assert Team.objects.get(slug="cafe").name == "Coffee house"


def test_a_product_is_found_by_its_words(declaring: DeclarationContext) -> None:
    bank = make_bank()
    assert declare(declaring, build_product_document(bank)) == ["product Zebras"]
    assert "'zebra'" in str(Document.objects.get(pk=-DataProduct.objects.get(slug="zebras").pk).search)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tables": ["nowhere.claims"]}, r"products\[0\]: the table nowhere.claims does not exist"),
        ({"owner": "nobody@bank.example"}, r"the person nobody@bank.example does not exist"),
        ({"colour": "black"}, r"products\[0\]: colour is unknown"),
    ],
)
def test_a_fault_is_named_by_its_place(
    declaring: DeclarationContext, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(DeclarationError, match=said):
        declare(declaring, build_product_document(make_bank(), **changes))


def test_a_fault_leaves_nothing(declaring: DeclarationContext) -> None:
    wrong = PEOPLE["people"][0] | {"teams": {"cafe": ["queen"]}}
    with pytest.raises(DeclarationError, match="queen must be one of"):
        declare(declaring, PEOPLE | {"people": [wrong]})
    assert not Team.objects.filter(slug="cafe").exists()


@pytest.mark.parametrize("document", [None, [], {"kings": []}, {"teams": {"slug": "x"}}, {"teams": ["x"]}])
def test_what_is_no_such_file_is_refused(declaring: DeclarationContext, document: Any) -> None:
    with pytest.raises(DeclarationError):
        declare(declaring, document)


def test_the_command_asks_who_says_so(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text("teams: [{slug: cafe, name: Café}]\n")
    sam = factories.make_person("Sam Outis")
    with pytest.raises(CommandError, match="neither a superuser nor a governance admin"):
        call_command("declare", str(file), "--as", sam.email)
    said = StringIO()
    call_command("declare", str(file), "--as", factories.make_admin().email, stdout=said)
    assert said.getvalue() == "team Café\n1 made\n"


def test_a_weak_first_password_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "people.yaml"
    file.write_text("people: [{email: ada@cafe.example, name: Ada}]\n")
    monkeypatch.setenv("MESHMARKET_FIRST_PASSWORD", "password")
    with pytest.raises(CommandError, match="MESHMARKET_FIRST_PASSWORD: "):
        call_command("declare", str(file), "--as", factories.make_admin().email)
    assert not Membership.objects.exists()


def test_what_gives_power_waits_for_a_second_governor(declaring: DeclarationContext) -> None:
    made = declare(declaring, PEOPLE)
    assert [line for line in made if line.startswith("proposed")] == [
        "proposed role Ada Brandt: steward: a second governor must confirm",
        "proposed membership Ada Brandt: account admin of Café: a second governor must confirm",
    ]
    assert set(Person.objects.get(email="ada@cafe.example").memberships.values_list("role", flat=True)) == {
        "member"
    }
    assert not PlatformRole.objects.filter(role="steward").exists()
    assert declare(declaring, PEOPLE) == []


def test_a_database_of_another_domain_waits_for_a_second_governor(declaring: DeclarationContext) -> None:
    bank = make_bank()
    bare = factories.make_database(bank.catalog, None, name="bare")
    row = {"slug": "fresh", "name": "Fresh", "owner_team": bank.insurance.slug}
    made = declare(
        declaring, {"domains": [row | {"catalog": bank.catalog.short_name, "databases": ["bare"]}]}
    )
    assert made[0] == "domain Fresh"
    assert made[1].startswith("proposed database the database")
    bare.refresh_from_db()
    assert bare.domain is None
    change = RoleChange.objects.get(state="waiting")
    confirm_role_change(make_governor(), change)
    assert Domain.objects.get(databases=bare).slug == "fresh"


def test_whatever_a_file_proposes_can_be_confirmed(declaring: DeclarationContext) -> None:
    bank = make_bank()
    factories.make_database(bank.catalog, None, name="bare")
    domain = {"slug": "fresh", "name": "Fresh", "owner_team": bank.insurance.slug}
    databases = {"catalog": bank.catalog.short_name, "databases": ["bare"]}
    declare(declaring, {**PEOPLE, "domains": [domain | databases]})
    second = make_governor()
    waiting = list(RoleChange.objects.filter(state="waiting"))
    assert {change.kind for change in waiting} == {"database", "membership", "platform_role"}
    for change in waiting:
        made = confirm_role_change(second, change)
        assert made.state == "approved"


def test_a_catalog_takes_only_a_role_of_its_own_account(declaring: DeclarationContext) -> None:
    account = factories.make_account(factories.make_team(), account_id="111111111111")
    row = {"short_name": "main", "account": account.account_id, "region": "eu-central-1", "kind": "producer"}
    with pytest.raises(
        DeclarationError, match=r"catalogs\[0\]: location_role_arn: .* is no role of the account"
    ):
        declare(declaring, {"catalogs": [row | {"location_role_arn": "arn:aws:iam::222222222222:role/lake"}]})
    assert declare(
        declaring, {"catalogs": [row | {"location_role_arn": "arn:aws:iam::111111111111:role/lake"}]}
    )


def test_all_wrong_values_are_told_with_line_and_field_before_anything_is_written(tmp_path: Path) -> None:
    file = tmp_path / "mesh.yaml"
    file.write_text(
        f"teams:\n  - {{slug: cafe, name: Café}}\n  - {{slug: {'s' * 51}, name: {'n' * 121}}}\n"
        f"people:\n  - {{email: no address, name: 7}}\n"
        f"products:\n  - slug: not a slug\n    name: Zebras\n    summary: {'s' * 241}\n    domain: cafe\n"
        f"    owner: ada@cafe.example\n    tables: a.b\n    tier: platinum\n    keywords: [{'k' * 61}]\n"
    )
    with pytest.raises(CommandError) as refused:
        call_command("declare", str(file), "--as", factories.make_admin().email)

    told = str(refused.value).splitlines()
    places = [line.removeprefix(f"{file}: ").split(": ")[:2] for line in told]
    assert places == [
        ["teams[1] (line 3)", "slug"], ["teams[1] (line 3)", "name"], ["people[0] (line 5)", "email"],
        ["people[0] (line 5)", "name"], ["products[0] (line 7)", "slug"], ["products[0] (line 7)", "summary"],
        ["products[0] (line 7)", "tables"], ["products[0] (line 7)", "tier"], ["products[0] (line 7)", "keywords[0]"],
    ]  # fmt: skip
    assert "at most 50 characters (it has 51)" in told[0]
    assert not Team.objects.filter(slug="cafe").exists()


def test_all_rows_that_name_what_does_not_exist_are_told(declaring: DeclarationContext) -> None:
    bank = make_bank()
    rows = [build_product_document(bank, slug=f"zebras-{at}", owner="nobody@bank.example") for at in range(2)]
    with pytest.raises(DeclarationError) as refused:
        declare(declaring, {"products": [row for each in rows for row in each["products"]]})
    assert str(refused.value).splitlines() == [
        f"products[{at}]: the person nobody@bank.example does not exist" for at in range(2)
    ]
    assert not DataProduct.objects.filter(slug__startswith="zebras").exists()


def test_the_help_says_how_long_values_may_be() -> None:
    assert "products: slug 50, name 160, summary 240, keywords 60, refresh 60" in Command.help


def test_a_person_is_declared_from_outside(declaring: DeclarationContext) -> None:
    row = {"email": "mia@partner.example", "name": "Mia Berg", "external": True}
    declare(declaring, {"people": [row]})
    assert Person.objects.get(email="mia@partner.example").is_external
    with pytest.raises(DeclarationError, match="external"):
        declare(declaring, {"people": [row | {"email": "max@partner.example", "external": "yes"}]})
