"""Publishing derived products: the floor, passing on, and the word of the upstream owner."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.lineage.models import ColumnEdge, TableEdge
from catalog.mirror.models import Column, Database, Table
from catalog.products.models import DataProduct
from catalog.revisions.queries import get_draft
from catalog.revisions.rule_results import FLOOR_RULE, check_draft
from decisions.actions import end_proposal
from demo.embedded.database_roles import WORKER
from kernel import clock
from kernel.errors import RefusedError
from tests import factories
from tests.database import as_role
from tests.derivation import DerivedBank


def set_class(table: Table, column: str, classification: str) -> None:
    Column.objects.filter(table=table, name=column).update(classification=classification)


def test_a_column_below_its_input_is_not_published(derived: DerivedBank) -> None:
    derived.trace_iban()
    with pytest.raises(RefusedError) as refused:
        derived.publish()
    said = str(refused.value)
    assert refused.value.field == "rules"
    assert "reserves.iban is public, but made from" in said
    assert "claims.iban of Insurance, which is sensitive." in said
    assert "total" not in said
    assert not derived.read().is_published


def test_a_column_of_the_same_class_is_published(derived: DerivedBank) -> None:
    derived.trace_iban()
    set_class(derived.reserves, "iban", "sensitive")
    derived.publish()
    assert derived.read().is_published


def test_without_column_lineage_every_column_has_the_tables_class(derived: DerivedBank) -> None:
    derived.trace()
    set_class(derived.reserves, "iban", "sensitive")
    with pytest.raises(RefusedError, match=r"reserves\.month is public"):
        derived.publish()


def test_the_owners_word_lets_it_be_published(derived: DerivedBank) -> None:
    derived.trace_iban()
    (request,) = derived.ask()
    with pytest.raises(RefusedError):
        derived.publish()
    derived.agree(request)
    derived.publish()
    assert derived.read().is_published


def test_a_revoked_word_no_longer_counts(derived: DerivedBank) -> None:
    derived.trace_iban()
    (request,) = derived.ask()
    derived.agree(request)
    end_proposal(
        kind=DERIVATION_REQUEST,
        acting_user=derived.bank.ivo,
        pk=request.pk,
        reason="Not sums after all.",
        now=clock.now(),
    )
    with pytest.raises(RefusedError, match="is public"):
        derived.publish()


def test_a_word_counts_up_to_its_last_day(derived: DerivedBank) -> None:
    derived.trace_iban()
    now = clock.now()
    (request,) = derived.ask()
    derived.agree(request, ends_on=timezone.localdate(now) + timedelta(days=3))
    product, draft = derived.read(), get_draft(derived.product)
    met = [
        next(
            one
            for one in check_draft(derived.tom, product, draft, now + timedelta(days=days))
            if one.key == FLOOR_RULE
        ).is_met
        for days in (0, 3, 4)
    ]
    assert met == [True, True, False]


def test_a_word_does_not_cover_an_input_that_became_more_sensitive(derived: DerivedBank) -> None:
    set_class(derived.bank.claims, "iban", "private")
    derived.trace_iban()
    (request,) = derived.ask()
    derived.agree(request)
    set_class(derived.bank.claims, "iban", "sensitive")
    with pytest.raises(RefusedError, match="is public"):
        derived.publish()


def test_lineage_that_is_removed_frees_the_product(derived: DerivedBank) -> None:
    derived.trace_iban()
    with as_role(WORKER):
        ColumnEdge.objects.all().delete()
        TableEdge.objects.all().delete()
    derived.publish()


def test_a_removed_input_table_keeps_its_class(derived: DerivedBank) -> None:
    derived.trace_iban()
    Table.objects.filter(pk=derived.bank.claims.pk).update(tombstoned_at=clock.now())
    with pytest.raises(RefusedError, match="is public"):
        derived.publish()


def test_data_of_no_domain_needs_a_domain_first(derived: DerivedBank) -> None:
    derived.bank.product.product_tables.all().delete()
    Database.objects.filter(pk=derived.bank.claims.database_id).update(domain=None)
    derived.trace_iban()
    with pytest.raises(RefusedError, match="no domain, so nobody can agree"):
        derived.publish()
    with pytest.raises(RefusedError, match="belongs to no domain"):
        derived.ask()


def test_an_input_that_the_owner_may_not_see_is_not_named(derived: DerivedBank) -> None:
    derived.trace_iban()
    DataProduct.objects.filter(pk=derived.bank.product.pk).update(requested_by="domain", seen_by="domain")
    with pytest.raises(RefusedError) as refused:
        derived.publish()
    assert "made from sensitive data that you may not see" in str(refused.value)
    assert not {"claims", "Insurance"} & set(str(refused.value).replace(".", " ").split())


def test_two_upstream_owners_both_have_to_agree(derived: DerivedBank) -> None:
    hanna = factories.make_person("Hanna Frey")
    domain = factories.make_domain(factories.make_team("Health", owners=[hanna]), "Health")
    patients = factories.make_table(
        factories.make_database(derived.bank.catalog, domain, "health"), "patients", sensitive=["iban"]
    )
    derived.trace_iban()
    derived.trace({"iban": [(patients, "iban")]}, source=patients, job="patients")
    first, second = derived.ask()
    assert {first.domain, second.domain} == {derived.bank.domain, domain}
    derived.agree(first, by=hanna if first.domain == domain else None)
    with pytest.raises(RefusedError):
        derived.publish()
    derived.agree(second, by=hanna if second.domain == domain else None)
    derived.publish()


@pytest.mark.parametrize("passing_on", ["with_approval", "forbidden"])
def test_terms_can_forbid_passing_on(derived: DerivedBank, passing_on: str) -> None:
    DataProduct.objects.filter(pk=derived.bank.product.pk).update(passing_on=passing_on)
    derived.trace({"month": [(derived.bank.claims, "claim_id")]})
    with pytest.raises(RefusedError, match="made from Claims of Insurance, which may not be passed on"):
        derived.publish()
    (request,) = derived.ask()
    assert (request.columns, request.passed_on) == ([], [derived.bank.product.pk])
    derived.agree(request)
    derived.publish()


@pytest.mark.parametrize("passing_on", ["allowed", "same_terms"])
def test_other_terms_block_nothing(derived: DerivedBank, passing_on: str) -> None:
    DataProduct.objects.filter(pk=derived.bank.product.pk).update(passing_on=passing_on)
    derived.publish(inputs=(derived.bank.product.pk,))


def test_a_declared_input_blocks_without_lineage_and_also_retired(derived: DerivedBank) -> None:
    DataProduct.objects.filter(pk=derived.bank.product.pk).update(passing_on="forbidden")
    derived.save_draft(inputs=(derived.bank.product.pk,))
    now = clock.now()
    DataProduct.objects.filter(pk=derived.bank.product.pk).update(
        is_published=False, deprecated_at=now, retired_at=now
    )
    with pytest.raises(RefusedError, match="may not see, which may not be passed on"):
        derived.publish(inputs=(derived.bank.product.pk,))
