"""A retired product stays as it was."""

import pytest

from catalog.products.models import DataProduct
from catalog.revisions.actions import publish_product_draft
from catalog.revisions.models import ProductRevision
from kernel import clock
from kernel.errors import RefusedError
from tests.bank import Bank, make_bank
from tests.product_lifecycle import deprecate
from tests.products import get_state, save_draft


@pytest.fixture
def bank(db: None) -> Bank:
    """With a draft from before its product was retired."""
    bank = make_bank()
    save_draft(bank, bank.ines, summary="Other words.")
    deprecate(bank)
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False, retired_at=clock.now())
    return bank


def test_its_draft_is_neither_changed_nor_published(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="is retired"):
        save_draft(bank, bank.ines, summary="Still other words.")
    with pytest.raises(RefusedError, match="is retired"):
        publish_product_draft(
            acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now()
        )
    draft = ProductRevision.objects.get()
    assert (draft.state, draft.content["summary"]) == ("draft", "Other words.")


def test_a_deprecated_product_is_still_maintained(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=True, retired_at=None)
    done = publish_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now()
    )
    product = DataProduct.objects.get(pk=bank.product.pk)
    assert (done.version, product.lifecycle, product.summary) == ("1.0.1", "deprecated", "Other words.")
