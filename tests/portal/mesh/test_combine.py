"""*Combine with* on the page of a product: SQL for what one role holds, else what is missing; never what is hidden."""

from dataclasses import dataclass

import pytest
from django.urls import reverse

from catalog.glossary.link_actions import LinkTarget, link_term
from catalog.mesh.schema_similarity import compare_schemas
from catalog.mirror.models import Column, Table
from catalog.products.models import Audience, DataProduct
from kernel import clock
from portal.mesh.combine import Combination, build_combinations
from requests_app.grants.queries import list_queryable_grants
from requests_app.mesh.joinable import list_joins
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.glossary import add_term
from tests.portal.conftest import make_client


@dataclass(frozen=True)
class Pair:
    """Claims and policies, which share `claim_id`."""

    bank: Bank
    policies: Table
    partner: DataProduct


@pytest.fixture
def pair(bank: Bank) -> Pair:
    policies = factories.make_table(bank.claims.database, "policies", ("claim_id", "premium"))
    partner = factories.make_product(bank.domain, bank.ines, [policies], "Policies")
    compare()
    return Pair(bank, policies, partner)


def compare() -> None:
    with as_role("meshmarket_worker"):
        assert compare_schemas(clock.now())


def hold(bank: Bank, table: Table, *columns: str, role: str = "") -> None:
    """Ana's team holds these columns."""
    changes = {"principal": factories.make_principal(bank.bi_account, role)} if role else {}
    asked = RequestedItem(table.pk, columns, False, None)
    approve(bank, submit_bank_item(bank, items=[asked], idempotency_key=f"{table.pk}-{columns}", **changes))


def combine(pair: Pair) -> list[Combination]:
    bank, now = pair.bank, clock.now()
    own = list(list_queryable_grants(bank.ana, [bank.claims], now))
    return build_combinations(bank.ana, bank.product, own, now)


def test_without_access_it_says_what_is_needed(pair: Pair) -> None:
    (found,) = combine(pair)
    assert (found.partner, found.column, found.partner_column) == (
        pair.partner,
        "claims.claim_id",
        "policies.claim_id",
    )
    assert (found.sql, found.missing) == (
        "",
        "You need access to both policies of Policies and claims of Claims.",
    )
    assert [one.table for one in found.requests] == [pair.policies, pair.bank.claims]
    page = read_page(pair)
    slugs = f"data_product={pair.partner.slug}&amp;combine={pair.bank.product.slug}"
    assert f"/access-requests/new/?table={pair.policies.pk}&amp;{slugs}" in page
    assert "Request access to claims of Claims" in page


def test_the_form_asks_for_the_partner_with_the_column_that_joins(pair: Pair) -> None:
    address = f"{reverse('access-request-new')}?table={pair.policies.pk}&combine={pair.bank.product.slug}"
    ana = make_client(pair.bank.ana)
    answer = ana.get(address)
    assert "Request access to Policies to combine it with Claims" in answer.content.decode()
    assert [c.column.name for c in answer.context["picker"].page.rows if c.is_selected] == ["claim_id"]
    assert ana.get(f"{address}-unknown").status_code == 404


def read_page(pair: Pair) -> str:
    address = reverse("data-product-usage", args=[pair.bank.product.slug])
    return make_client(pair.bank.ana).get(address).content.decode()


def test_with_one_side_it_names_the_other(pair: Pair) -> None:
    hold(pair.bank, pair.bank.claims, "claim_id", "amount")
    (found,) = combine(pair)
    assert found.missing == "You have access to claims of Claims. policies of Policies is still missing."
    assert [(one.table, one.obstacle) for one in found.requests] == [(pair.policies, "")]


def test_what_is_requested_already_or_cannot_be_requested_is_said(pair: Pair) -> None:
    hold(pair.bank, pair.bank.claims, "claim_id", "amount")
    asked = [RequestedItem(pair.policies.pk, ("claim_id",), False, None)]
    item = submit_bank_item(pair.bank, items=asked, idempotency_key="asked")
    assert combine(pair)[0].requests[0].request_id == item.request_id
    assert f"policies is requested: request {item.request_id}" in read_page(pair)
    DataProduct.objects.filter(pk=pair.partner.pk).update(requested_by=Audience.DOMAIN)
    assert combine(pair)[0].requests[0].obstacle


def test_with_both_it_has_the_sql_with_held_columns_alone(pair: Pair) -> None:
    hold(pair.bank, pair.bank.claims, "claim_id")
    hold(pair.bank, pair.policies, "claim_id", "premium")
    (found,) = combine(pair)
    assert found.sql.startswith("SELECT a.claim_id, b.premium\nFROM ")
    assert "amount" not in found.sql
    assert found.sql.splitlines()[2].endswith(".policies AS b ON a.claim_id = b.claim_id")
    page = (
        make_client(pair.bank.ana)
        .get(reverse("data-product-usage", args=[pair.bank.product.slug]))
        .content.decode()
    )
    assert "Combine with" in page
    assert "SELECT a.claim_id, b.premium" in page


def test_a_key_that_one_does_not_hold_is_named(pair: Pair) -> None:
    hold(pair.bank, pair.bank.claims, "claim_id")
    hold(pair.bank, pair.policies, "premium")
    assert combine(pair)[0].missing == "The column policies.claim_id is still missing."


def test_two_roles_cannot_join(pair: Pair) -> None:
    hold(pair.bank, pair.bank.claims, "claim_id")
    hold(pair.bank, pair.policies, "claim_id", role="other")
    assert combine(pair)[0].missing == "You hold both, but no single role of yours does."


def test_a_hidden_partner_is_nowhere(pair: Pair) -> None:
    assert len(list_joins(pair.bank.ana)) == 1
    DataProduct.objects.filter(pk=pair.partner.pk).update(
        seen_by=Audience.DOMAIN, requested_by=Audience.DOMAIN
    )
    assert combine(pair) == []
    assert list_joins(pair.bank.ana) == []
    assert len(list_joins(pair.bank.ines)) == 1


def test_a_shared_term_joins_columns_of_different_names(pair: Pair) -> None:
    bank = pair.bank
    Column.objects.filter(table=pair.policies, name="claim_id").update(name="loss_reference")
    term = add_term(bank.ines, "Loss", bank.domain)
    for table, column in (
        (bank.claims, "claim_id"),
        (pair.policies, "loss_reference"),
    ):
        target = LinkTarget("", table.pk, column)
        link_term(acting_user=bank.ines, slug=term.slug, target=target, now=clock.now())
    compare()
    (found,) = combine(pair)
    assert (found.by, found.partner_column) == ("the term Loss", "policies.loss_reference")
