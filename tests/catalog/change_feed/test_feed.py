"""The change feed: what is in it, in which order, and who sees what of it."""

import pytest

from audit.actions import seal_pending
from catalog.change_feed import (
    KEPT_FOR,
    Change,
    PendingChange,
    delete_old_changes,
    list_changes_for_person,
    list_changes_for_team,
    list_shared_changes,
    number_changes,
    read_changes,
)
from catalog.mirror.models import Table
from catalog.products.models import Audience, DataProduct
from catalog.release_notes import write_release_note
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from tests import factories
from tests.bank import Bank
from tests.database import as_role


def number() -> None:
    with as_role("meshmarket_sealer"):
        seal_pending()
    with as_role("meshmarket_worker"):
        while number_changes():
            pass


def write_note(bank: Bank, title: str = "Faster") -> None:
    write_release_note(
        acting_user=bank.ines, slug=bank.product.slug, title=title, text="All of it.", now=clock.now()
    )


def read_all(person: Person) -> list[tuple[str, str]]:
    page = read_changes(list_changes_for_person(person), "", 100)
    return [(one.kind, one.action) for one in page.changes]


@pytest.fixture
def empty(bank: Bank) -> Bank:
    """With nothing in the feed yet."""
    number()
    with as_role("none"):
        Change.objects.all().delete()
    return bank


def test_a_release_note_is_a_change(empty: Bank) -> None:
    write_note(empty)
    number()
    (change,) = read_changes(list_changes_for_person(empty.ana), "", 10).changes
    assert (change.product, change.action, change.data["title"]) == (empty.product, "release_note", "Faster")


def test_what_the_mirror_reads_is_a_change(empty: Bank) -> None:
    table = factories.make_table(empty.claims.database, "policies")
    with as_role("meshmarket_worker"):
        Table.objects.filter(pk=table.pk).update(classification="sensitive")
        Table.objects.filter(pk=table.pk).update(tombstoned_at=clock.now())
        Table.objects.filter(pk=table.pk).update(description="no change of the feed")
    number()
    assert not PendingChange.objects.exists()
    assert read_all(empty.ana) == [("table", "added"), ("classification", "changed"), ("table", "removed")]


def test_a_cursor_goes_on_where_the_last_answer_ended(empty: Bank) -> None:
    for title in ("One", "Two", "Three"):
        write_note(empty, title)
    number()
    seen, cursor, rows = [], "", list_changes_for_person(empty.ana)
    for _page in range(2):
        page = read_changes(rows, cursor, 2)
        seen += [one.data["title"] for one in page.changes]
        cursor = page.cursor
    assert seen == ["One", "Two", "Three"]
    assert not page.has_more
    assert (read_changes(rows, cursor, 2).changes, read_changes(rows, cursor, 2).cursor) == ([], cursor)
    write_note(empty, "Four")
    number()
    assert [one.data["title"] for one in read_changes(rows, cursor, 2).changes] == ["Four"]


@pytest.mark.parametrize("cursor", ["nonsense", "0f2f0f0e-0000-4000-8000-000000000000"])
def test_an_unknown_cursor_is_refused(empty: Bank, cursor: str) -> None:
    with pytest.raises(RefusedError, match="begin without it"):
        read_changes(list_changes_for_person(empty.ana), cursor, 10)


def test_hidden_products_and_their_tables_are_not_in_it(empty: Bank) -> None:
    DataProduct.objects.update(seen_by=Audience.DOMAIN, requested_by=Audience.DOMAIN)
    write_note(empty)
    with as_role("meshmarket_worker"):
        Table.objects.filter(pk=empty.claims.pk).update(classification="private")
    number()
    assert read_all(empty.ana) == []
    assert len(read_all(empty.ines)) == len(read_all(empty.greta)) == 2
    assert not list_changes_for_team(empty.bi).exists()
    assert list_changes_for_team(empty.insurance).count() == 2
    assert not list_shared_changes(of_all=False).exists()
    assert list_shared_changes(of_all=True).count() == 2


def test_a_team_with_people_from_outside_sees_what_everyone_sees(empty: Bank) -> None:
    write_note(empty)
    number()
    assert list_changes_for_team(empty.bi).count() == 1
    Person.objects.filter(pk=empty.ana.pk).update(is_external=True)
    assert not list_changes_for_team(empty.bi).exists()
    DataProduct.objects.update(seen_by=Audience.EVERYONE)
    assert list_changes_for_team(empty.bi).count() == 1


def test_numbering_again_changes_nothing(empty: Bank) -> None:
    write_note(empty)
    number()
    number()
    assert Change.objects.count() == 1


def test_old_changes_are_deleted(empty: Bank) -> None:
    write_note(empty)
    number()
    with as_role("meshmarket_worker"):
        assert delete_old_changes(clock.now()) == 0
        assert delete_old_changes(clock.now() + 2 * KEPT_FOR) == 1
