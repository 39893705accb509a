"""A class below the floor is not proposed or approved for columns of published products."""

import pytest

from audit.models import Event
from catalog.derivation.models import DerivationWarning
from catalog.derivation.warnings import warn_of_derivations
from catalog.mirror.models import Column
from catalog.products.models import DataProduct
from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from decisions.actions import approve_proposal
from demo.embedded.database_roles import WORKER
from kernel import clock
from kernel.errors import RefusedError
from lakeformation.tagging import TagAssignment, TagTarget
from tests.database import as_role
from tests.derivation import DerivedBank, add_owner
from tests.tag_keys import store_tag_keys

KEY = "confidentiality"


@pytest.fixture
def published(derived: DerivedBank) -> DerivedBank:
    """Reserves, whose IBAN is sensitive, by LF-Tags."""
    store_tag_keys(derived.bank.catalog, {KEY: ["public", "private", "sensitive"]})
    Column.objects.filter(table=derived.reserves, name="iban").update(
        classification="sensitive", tags={KEY: "sensitive"}
    )
    derived.trace_iban()
    derived.publish()
    return derived


def propose(derived: DerivedBank, value: str = "public") -> TagChange:
    target = TagTarget(derived.reserves.database.name, derived.reserves.name, "iban")
    return propose_tag_change(
        acting_user=derived.tom,
        catalog=derived.bank.catalog,
        assignments=[TagAssignment(target, KEY, value)],
        reason="Only sums.",
        now=clock.now(),
    )


def test_a_class_below_the_floor_is_not_proposed(published: DerivedBank) -> None:
    with pytest.raises(
        RefusedError, match=r"reserves\.iban is private, but made from .*claims\.iban"
    ) as refused:
        propose(published, "private")
    assert refused.value.field == "assignments"


def test_with_the_owners_word_it_is(published: DerivedBank) -> None:
    (request,) = published.ask(lowered={(published.reserves.pk, "iban"): "private"})
    published.agree(request)
    propose(published, "private")
    with pytest.raises(RefusedError):
        propose(published, "public")


def test_the_approval_of_a_tag_change_looks_again(published: DerivedBank) -> None:
    Column.objects.filter(table=published.bank.claims, name="iban").update(classification="public")
    change = propose(published)
    Column.objects.filter(table=published.bank.claims, name="iban").update(classification="sensitive")
    with pytest.raises(RefusedError, match="is public, but made from"):
        approve_proposal(
            kind=TAG_CHANGE,
            acting_user=add_owner(published, "Tara Poe"),
            pk=change.pk,
            effects_hash=change.effects_hash,
            comment="",
            now=clock.now(),
        )


def test_a_table_in_no_published_product_is_not_checked(published: DerivedBank) -> None:
    DataProduct.objects.filter(pk=published.product.pk).update(is_published=False)
    propose(published)


def warn() -> int:
    with as_role(WORKER):
        return warn_of_derivations(clock.now())


def test_owners_are_warned_once_when_a_floor_rises_and_again_when_it_rises_anew(
    published: DerivedBank,
) -> None:
    assert warn() == 0
    Column.objects.filter(table=published.reserves, name="iban").update(classification="public")
    assert (warn(), warn()) == (1, 0)
    event = Event.objects.get(verb="warn_of_derivation")
    assert (event.actor, event.data["people"], event.data["count"]) == (
        "engine:derivation",
        [published.tom.pk],
        1,
    )
    Column.objects.filter(table=published.bank.claims, name="amount").update(classification="private")
    assert warn() == 1


def test_a_warning_ends_when_nothing_is_wrong(published: DerivedBank) -> None:
    Column.objects.filter(table=published.reserves, name="iban").update(classification="public")
    warn()
    Column.objects.filter(table=published.reserves, name="iban").update(classification="sensitive")
    assert warn() == 0
    assert not DerivationWarning.objects.exists()


def test_lineage_that_arrives_later_is_warned_of(derived: DerivedBank) -> None:
    derived.publish()
    assert warn() == 0
    derived.trace_iban()
    assert warn() == 1


def test_terms_that_change_later_are_warned_of(published: DerivedBank) -> None:
    DataProduct.objects.filter(pk=published.bank.product.pk).update(passing_on="forbidden")
    assert warn() == 1
