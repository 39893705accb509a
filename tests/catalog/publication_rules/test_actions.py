"""Rules are drafted and put in force by governance admins, and publishing is refused while one is not met."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.classification.actions import dismiss_findings
from catalog.products.models import DataProduct
from catalog.publication_rules.actions import (
    allow_rule_exception,
    discard_publication_rules,
    end_rule_exception,
    put_publication_rules_in_force,
)
from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.queries import check_products, compute_rules_digest, get_rules_in_force
from catalog.publication_rules.rules import Rules
from catalog.revisions.actions import publish_product_draft
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests.bank import Bank
from tests.catalog.classification.findings import declassify, make_detection, record
from tests.products import get_state, save_draft
from tests.publication_rules import WORDS, put_in_force, save


def publish(bank: Bank) -> DataProduct:
    publish_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now()
    )
    return DataProduct.objects.get(pk=bank.product.pk)


def test_a_draft_changes_nothing_until_it_is_in_force(bank: Bank) -> None:
    save(bank.greta)
    assert get_rules_in_force() == Rules()
    first = put_publication_rules_in_force(
        acting_user=bank.greta, shown=compute_rules_digest(), now=clock.now()
    )
    second = put_in_force(bank.greta, Rules(own_tables=True))
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("replaced", "in_force", 2)
    assert get_rules_in_force() == Rules(own_tables=True)


def test_a_draft_that_is_discarded_leaves_the_rules_as_they_are(bank: Bank) -> None:
    put_in_force(bank.greta)
    save(bank.greta, Rules(own_tables=True))
    discard_publication_rules(acting_user=bank.greta, shown=compute_rules_digest(), now=clock.now())
    assert get_rules_in_force() == WORDS
    assert save(bank.greta).number == 3


def test_two_editors_at_once_lose_nothing(bank: Bank) -> None:
    shown = compute_rules_digest()
    save(bank.greta, based_on=shown)
    with pytest.raises(RefusedError) as refused:
        save(bank.greta, Rules(own_tables=True), based_on=shown)
    assert refused.value.field == "based_on"
    with pytest.raises(RefusedError):
        put_publication_rules_in_force(acting_user=bank.greta, shown=shown, now=clock.now())


def test_nobody_but_governance_admins_changes_them(bank: Bank) -> None:
    with pytest.raises(ForbiddenError):
        save(bank.ines)
    put_in_force(bank.greta)
    with pytest.raises(ForbiddenError):
        allow_rule_exception(
            acting_user=bank.ines,
            slug=bank.product.slug,
            key="description_words",
            reason="Please.",
            now=clock.now(),
        )


def test_a_product_is_published_only_when_it_meets_the_rules(bank: Bank) -> None:
    put_in_force(bank.greta)
    save_draft(bank, bank.ines, description="Two words")
    with pytest.raises(RefusedError, match="at least 3 words") as refused:
        publish(bank)
    assert refused.value.field == "rules"
    save_draft(bank, bank.ines, description="Now three words")
    assert publish(bank).description == "Now three words"


def test_an_exception_lets_one_product_through_until_it_ends(bank: Bank) -> None:
    put_in_force(bank.greta)
    save_draft(bank, bank.ines, description="Short")
    where: dict[str, Any] = {
        "acting_user": bank.greta,
        "slug": bank.product.slug,
        "key": "description_words",
        "now": clock.now(),
    }
    with pytest.raises(RefusedError):
        allow_rule_exception(**where, reason=" ")
    allow_rule_exception(**where, reason="It is being rewritten.")
    with pytest.raises(RefusedError):
        allow_rule_exception(**where, reason="Again.")
    publish(bank)
    end_rule_exception(**where)
    with pytest.raises(NotFoundError):
        end_rule_exception(**where)
    save_draft(bank, bank.ines, description="Shorter")
    with pytest.raises(RefusedError):
        publish(bank)
    with pytest.raises(RefusedError):
        allow_rule_exception(**{**where, "key": "tier"}, reason="No such rule is in force.")


def test_a_column_detected_as_personal_data_needs_a_class_or_a_dismissal(bank: Bank) -> None:
    put_in_force(bank.greta, Rules(classified_personal_columns=True))
    declassify(bank.claims)
    save_draft(bank, bank.ines, description="Claims since 2019")
    with pytest.raises(RefusedError, match="Not scanned yet"):
        publish(bank)
    record(bank.claims)
    publish(bank)
    (finding,) = record(bank.claims, make_detection("amount"))
    save_draft(bank, bank.ines, description="Claims since 2020")
    with pytest.raises(RefusedError, match=r"claims\.amount"):
        publish(bank)
    dismiss_findings(
        acting_user=bank.ines, finding_ids=[finding.pk], reason="Amounts look like it.", now=clock.now()
    )
    assert publish(bank).description == "Claims since 2020"


def test_the_effect_on_all_products_is_seen_before(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(description="Short")
    found = {one.product.pk: [each.key for each in one.failures] for one in check_products(WORDS)}
    assert found[bank.product.pk] == ["description_words"]
    assert [one.failures for one in check_products(Rules())] == [() for _one in found]


def test_the_database_keeps_one_version_in_force(bank: Bank) -> None:
    row = put_in_force(bank.greta)
    other = save(bank.greta, Rules(own_tables=True))
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicationRules.objects.filter(pk=other.pk).update(
            state="in_force", in_force_by=row.in_force_by, in_force_at=clock.now()
        )
