"""Release notes: written by who may publish the product, read by who sees it."""

import pytest

from catalog.products.models import DataProduct
from catalog.release_notes import get_release_note, list_release_notes
from identity.people.models import Membership
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank
from tests.discussion import hide, write_note


def test_an_owner_writes_for_the_current_version(bank: Bank) -> None:
    note = write_note(bank, bank.ivo, " Amounts  are in EUR ", "They were in *cents*.")
    assert (note.title, note.version) == ("Amounts are in EUR", "1.0.0")
    assert list(list_release_notes(bank.sam)) == [note]


def test_nobody_else_writes(bank: Bank) -> None:
    dev = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [dev])
    for person in (dev, bank.ana, bank.greta):
        with pytest.raises(ForbiddenError):
            write_note(bank, person)


@pytest.mark.parametrize(
    ("title", "text", "field"),
    [("", "", "title"), ("x" * 121, "", "title"), ("Fine", "x" * 10_001, "text"), ("Fine", "\0", "text")],
)
def test_an_invalid_note_is_refused_at_its_field(bank: Bank, title: str, text: str, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        write_note(bank, bank.ines, title, text)
    assert refused.value.field == field


def test_the_same_note_is_not_written_twice_in_a_row(bank: Bank) -> None:
    write_note(bank, bank.ines)
    with pytest.raises(RefusedError, match="already"):
        write_note(bank, bank.ivo)


def test_an_unpublished_product_has_no_readers(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False)
    with pytest.raises(RefusedError, match="not published"):
        write_note(bank, bank.ines)


def test_a_hidden_product_has_no_notes(bank: Bank) -> None:
    note = write_note(bank, bank.ines)
    hide(bank)
    with pytest.raises(NotFoundError):
        get_release_note(bank.ana, note.pk)
    with pytest.raises(NotFoundError):
        write_note(bank, bank.ana)
