"""What identifies people and things is the same in every case and normal form, and look-alikes are refused."""

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from catalog.products.models import DataProduct, Domain
from identity.accounts import Principal, named_arn
from identity.keys import EmailKeyField, normalize_account_id, normalize_email, normalize_slug
from identity.people.models import Person, Team
from identity.people.queries import get_acting_person
from requests_app.policy_engine.parsing import parse_rules
from tests import factories
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank, make_bank
from tests.database import as_role

FULL_WIDTH = "\uff21na@bank.example"
CYRILLIC = "\u0430na@bank.example"


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.mark.parametrize("typed", ["ana@bank.example", " Ana@Bank.EXAMPLE ", FULL_WIDTH])
def test_an_email_has_one_normal_form(typed: str) -> None:
    assert normalize_email(typed) == "ana@bank.example"
    assert EmailKeyField().clean(typed, None) == "ana@bank.example"


@pytest.mark.parametrize(
    "typed", [CYRILLIC, "ana@b\u0430nk.example", "stra\u00dfe@bank.example", "ana@b\u00e4nk.example"]
)
def test_an_email_that_may_look_like_another_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="ASCII"):
        EmailKeyField().clean(typed, None)


def test_slugs_and_account_ids_have_one_normal_form() -> None:
    assert normalize_slug(" Claims-\uff11 ") == "claims-1"
    assert normalize_account_id(" 1111-2222-3333\u00a0") == "111122223333"


@pytest.mark.django_db
def test_a_person_is_found_whatever_the_case() -> None:
    ana = Person.objects.create_user("Ana@Bank.example", "Ana Keller", factories.PASSWORD)

    assert ana.email == "ana@bank.example"
    for typed in ("ana@bank.example", "ANA@bank.EXAMPLE", FULL_WIDTH):
        assert Person.objects.get(email=typed) == ana
        assert authenticate(username=typed, password=factories.PASSWORD) == ana
        assert get_acting_person(typed) == ana


@pytest.mark.django_db
def test_a_saved_row_has_the_normal_form() -> None:
    team = Team.objects.create(slug="Claims", name="Claims")
    person = Person.objects.create(email="Ana@Bank.example", name="Ana Keller")

    assert (team.slug, person.email) == ("claims", "ana@bank.example")


@pytest.mark.django_db
def test_administration_makes_no_second_person_beside_the_first(client: Client) -> None:
    client.force_login(factories.make_admin())
    factories.make_person("Ana Keller")
    first = Person.objects.get(name="Ana Keller")
    typed = {"name": "Ana Keller", "usable_password": "false", "password1": "", "password2": ""}

    answer = client.post(build_address(Person, "add"), {**typed, "email": first.email.upper()})

    assert "already exists" in answer.content.decode()
    assert Person.objects.filter(name="Ana Keller").count() == 1


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("identity_person", "email"), ("identity_team", "slug"), ("identity_connectedcatalog", "short_name"),
        ("catalog_domain", "slug"), ("catalog_dataproduct", "slug"), ("catalog_term", "slug"),
        ("identity_principal", "arn"),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_the_database_holds_each_key_once_in_any_case(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisunique"
            " AND pg_get_indexdef(i.indexrelid) LIKE %s",
            [table, f"%lower(({column})::text)%"],
        )
        assert cursor.fetchone() == (1,)


def refuse_update(model: Any, pk: int, column: str, value: str) -> None:
    """Past the model's field, as a statement of SQL."""
    statement = f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s"
    with (
        as_role("none"),
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [value, pk])


def test_statements_past_the_models_are_refused(bank: Bank) -> None:
    refuse_update(Person, bank.ivo.pk, "email", bank.ana.email.upper())
    refuse_update(Person, bank.ivo.pk, "email", CYRILLIC)
    refuse_update(Team, bank.bi.pk, "slug", bank.insurance.slug.upper())
    other = factories.make_domain(bank.insurance)
    refuse_update(Domain, other.pk, "slug", bank.domain.slug.upper())
    product = factories.make_product(bank.domain, bank.ines, [])
    refuse_update(DataProduct, product.pk, "slug", bank.product.slug.upper())
    refuse_update(type(bank.bi_account), bank.bi_account.pk, "account_id", "\u0661" * 12)


def test_a_role_is_the_same_in_any_case(bank: Bank) -> None:
    role = bank.role
    assert Principal.objects.get(named_arn(role.arn.upper()), gone_at=None) == role
    assert not Principal.objects.filter(named_arn(role.arn.replace("a", "\u0430"))).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_principal(bank.bi_account, role.name.upper())


def test_a_role_of_the_portal_is_recognized_in_any_case(bank: Bank) -> None:
    executor = factories.make_principal(bank.bi_account, "Meshmarket-Executor")
    executor.refresh_from_db()
    assert executor.is_portal


def test_rules_name_slugs_in_any_case() -> None:
    (rule,) = parse_rules(
        [{"name": "bi", "when": {"team": ["BI"]}, "then": {"refused": "No."}}], domain="", version=1
    )
    assert rule.when[0].words == {"bi"}


@pytest.mark.django_db
def test_a_superuser_is_created_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", factories.PASSWORD)
    with as_role("meshmarket_owner"):
        call_command(
            "createsuperuser", "--noinput", email="Root@Bank.example", name="Rosa Winter", verbosity=0
        )
    assert Person.objects.get().email == "root@bank.example"
