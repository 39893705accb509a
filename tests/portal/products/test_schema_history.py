"""A table's page tells what changed and what is strange; a renamed table leads to its new name."""

from django.urls import reverse

from catalog.mirror.models import SchemaChange
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client


def rename_claims(bank: Bank, name: str = "claims_new") -> str:
    """Claims became another table; returns the old address."""
    new = factories.make_table(bank.claims.database, name)
    bank.claims.tombstoned_at, bank.claims.succeeded_by = clock.now(), new
    bank.claims.save()
    return reverse("table", args=[bank.claims.pk])


def test_the_old_address_of_a_renamed_table_leads_to_the_new_one(bank: Bank) -> None:
    answer = make_client(bank.ines).get(rename_claims(bank))

    bank.claims.refresh_from_db()
    assert bank.claims.succeeded_by is not None
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("table", args=[bank.claims.succeeded_by.pk]),
    )


def test_what_was_known_under_the_old_name_can_still_be_read(bank: Bank) -> None:
    page = make_client(bank.ines).get(rename_claims(bank) + "?old").content.decode()

    assert "It continues under the name claims_new." in page


def test_a_new_name_that_the_person_may_not_see_is_not_told(bank: Bank) -> None:
    address = rename_claims(bank)
    bank.claims.refresh_from_db()
    new = bank.claims.succeeded_by
    assert new is not None
    hidden = factories.make_product(bank.domain, bank.ivo, [new], "hidden")
    hidden.is_published = False
    hidden.save()

    answer = make_client(bank.ana).get(address)

    assert answer.status_code == 200
    assert "claims_new" not in answer.content.decode()


def test_history_is_told_newest_first_and_as_text(bank: Bank) -> None:
    for name, breaking in [("first", False), ("<i>second</i>", True)]:
        said = {"what": "column_removed", "name": name, "before": "int", "after": "", "breaking": breaking}
        SchemaChange.objects.create(
            table=bank.claims, seen_at=clock.now(), is_breaking=breaking, changes=[said]
        )

    page = make_client(bank.ana).get(reverse("table", args=[bank.claims.pk])).content.decode()

    assert page.index("Column &lt;i&gt;second&lt;/i&gt; removed") < page.index("Column first removed")
    assert "Changed; may break queries" in page


def test_strange_text_is_told(bank: Bank) -> None:
    bank.claims.flags = ["markup"]
    bank.claims.save()

    page = make_client(bank.ana).get(reverse("table", args=[bank.claims.pk])).content.decode()

    assert "Some text looks like HTML. It is shown as text." in page


def test_a_tag_is_written_as_rules_and_reviews_write_it(bank: Bank) -> None:
    bank.claims.tags = {"tier": "silver"}
    bank.claims.save()
    page = make_client(bank.ines).get(reverse("table", args=[bank.claims.pk])).content.decode()
    assert '<span class="muted">tier=</span>silver' in page
