"""Applying a file does what its plan shows, with the verbs of the page, wholly or not at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.models import Event
from catalog.mirror.models import Column, Database, Table
from catalog.product_files.formats import FileFormat
from catalog.products.models import DataProduct
from catalog.revisions.content import compare_content, read_content
from catalog.revisions.models import ProductRevision
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank, make_owner_developer
from tests.product_files import apply, dump, export, export_changed, export_data, get_custom, plan
from tests.products import get_state, make_other_table, save_draft

SUMMARY = "Claims of every line, each night."
YAML_FORMATS = (FileFormat.ODCS_3_1, FileFormat.ODCS_3_2, FileFormat.ODPS)


def reload_product(bank: Bank) -> DataProduct:
    return DataProduct.objects.get(pk=bank.product.pk)


def count_rows() -> tuple[int, int, int]:
    return DataProduct.objects.count(), ProductRevision.objects.count(), Event.objects.count()


@pytest.mark.parametrize("kind", YAML_FORMATS)
def test_what_was_exported_changes_nothing(bank: Bank, kind: FileFormat) -> None:
    text, before = export(bank.ines, bank.product.slug, kind), count_rows()
    planned = plan(bank.ines, text)
    assert (planned.has_changes, planned.drift, planned.not_kept) == (False, (), ())
    with pytest.raises(RefusedError, match="already matches the file"):
        apply(bank.ines, text)
    assert count_rows() == before


def test_the_diff_of_the_plan_is_the_diff_of_the_revision(bank: Bank) -> None:
    text = export_changed(
        bank.ines, bank.product.slug, summary=SUMMARY, keywords=("loss",), freshness_hours=24, terms="Be kind.",
        availability_percent=Decimal("99.5"), links={"code": ["https://git.example/claims"]},
    )  # fmt: skip
    planned = plan(bank.ines, text)
    applied = apply(bank.ines, text)
    revision = applied.revision
    assert revision is not None
    stored = compare_content(revision.before, revision.content)
    shown = compare_content(planned.before, planned.after)
    assert {one.field: one for one in stored} == {one.field: one for one in shown}
    assert planned.following is not None
    assert (revision.state, revision.version) == ("published", planned.following.version)
    product = reload_product(bank)
    assert (product.summary, product.keywords, product.freshness_hours) == (SUMMARY, ["loss"], 24)
    again = plan(bank.ines, text)
    assert not again.has_changes
    assert [one.name for one in again.drift] == ["version"]


def test_the_events_are_those_of_the_page(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    get_custom(data, "Summary")["value"] = SUMMARY
    get_custom(data, "Discovery")["value"] = {"seenBy": "domain", "requestedBy": "domain"}
    apply(bank.ines, dump(data))
    verbs = Event.objects.filter(subject=f"product:{bank.product.pk}").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "save_product_draft", "publish_product_draft", "announce_version", "set_discovery", "apply_product_file",
    ]  # fmt: skip
    assert (reload_product(bank).seen_by, reload_product(bank).summary) == ("domain", SUMMARY)


def test_it_touches_no_other_product(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "Others")
    before = (read_content(other), DataProduct.objects.filter(pk=other.pk).values().get())
    apply(bank.ines, export_changed(bank.ines, bank.product.slug, summary=SUMMARY, inputs=(other.slug,)))
    assert (read_content(other), DataProduct.objects.filter(pk=other.pk).values().get()) == before
    assert not Event.objects.filter(subject=f"product:{other.pk}").exists()
    assert list(reload_product(bank).inputs.all()) == [other]


def test_a_plan_that_is_no_longer_true_is_refused(bank: Bank) -> None:
    text = export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    shown = plan(bank.ines, text).digest
    DataProduct.objects.filter(pk=bank.product.pk).update(refresh="hourly")
    before = count_rows()
    with pytest.raises(RefusedError, match="no longer as the plan shows it") as refused:
        apply(bank.ines, text, shown=shown)
    assert refused.value.field == "shown"
    shown = plan(bank.ines, text).digest
    Column.objects.filter(table=bank.claims, name="iban").update(type="bigint")
    with pytest.raises(RefusedError, match="no longer as the plan shows it"):
        apply(bank.ines, text, shown=shown)
    assert count_rows() == before


def test_a_plan_of_another_file_is_refused(bank: Bank) -> None:
    shown = plan(bank.ines, export_changed(bank.ines, bank.product.slug, summary=SUMMARY)).digest
    with pytest.raises(RefusedError, match="no longer as the plan shows it"):
        apply(bank.ines, export_changed(bank.ines, bank.product.slug, summary="Another."), shown=shown)


def test_all_or_nothing(bank: Bank) -> None:
    """A developer may save the draft and not publish it: neither happens."""
    text, dev = export_changed(bank.ines, bank.product.slug, summary=SUMMARY), make_owner_developer(bank)
    assert isinstance(plan(dev, text).problem, ForbiddenError)
    before = count_rows()
    with pytest.raises(ForbiddenError, match="can publish it"):
        apply(dev, text)
    data = export_data(bank.ines, bank.product.slug)
    get_custom(data, "Summary")["value"] = SUMMARY
    get_custom(data, "Discovery")["value"] = {"seenBy": "domain", "requestedBy": "everyone"}
    with pytest.raises(RefusedError, match="must also be able to see it"):
        apply(bank.ines, dump(data))
    assert count_rows() == before
    assert apply(dev, text, publishes=False).revision is not None


def test_a_draft_of_somebody_else_is_not_overwritten(bank: Bank) -> None:
    save_draft(bank, bank.ivo, summary="Ivo's.")
    text = export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    with pytest.raises(RefusedError, match="Ivo Lang saved a draft of this product"):
        apply(bank.ines, text)
    assert ProductRevision.objects.get().content["summary"] == "Ivo's."
    apply(bank.ivo, text)
    assert reload_product(bank).summary == SUMMARY


def test_a_breaking_change_needs_consent(bank: Bank) -> None:
    policies = make_other_table(bank)
    data = export_data(bank.ines, bank.product.slug)
    data["schema"] = [{**data["schema"][0], "name": "policies", "physicalName": str(policies)}]
    planned = plan(bank.ines, dump(data))
    assert planned.following is not None
    assert [one.what for one in planned.following.breaking_changes] == ["table_removed"]
    with pytest.raises(RefusedError) as refused:
        apply(bank.ines, dump(data))
    assert refused.value.field == "accepts_breaking"
    apply(bank.ines, dump(data), accepts_breaking=True)
    assert list(reload_product(bank).tables.all()) == [policies]


def test_a_file_with_the_status_draft_is_saved_as_a_draft(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug) | {"status": "draft"}
    get_custom(data, "Summary")["value"] = SUMMARY
    done = apply(bank.ines, dump(data))
    assert done.revision is not None
    assert (done.revision.state, reload_product(bank).summary) == ("draft", "Every claim.")
    assert not plan(bank.ines, dump(data)).has_changes
    assert [one.name for one in plan(bank.ines, dump(data)).drift] == ["lifecycle"]


def make_new_file(bank: Bank, **changes: Any) -> str:
    data = export_data(bank.ines, bank.product.slug)
    return dump({**data, "id": "payouts", "name": "Payouts", "version": "1.0.0", **changes})


def test_a_product_is_created_and_published(bank: Bank) -> None:
    table = factories.make_table(bank.claims.database, "payouts")
    Database.objects.filter(pk=table.database_id).update(domain=bank.domain)
    schema = [{"name": "payouts", "properties": [{"name": "claim_id", "physicalType": "string"}]}]
    text = make_new_file(bank, schema=schema)
    assert plan(bank.ines, text).product is None
    done = apply(bank.ines, text)
    product = DataProduct.objects.get(slug="payouts")
    assert done.revision is not None
    assert (product.is_published, done.revision.version, list(product.tables.all())) == (
        True,
        "1.0.0",
        [table],
    )
    assert not plan(bank.ines, text).has_changes
    dev = make_owner_developer(bank)
    with pytest.raises(ForbiddenError):
        apply(dev, make_new_file(bank, id="second", name="Second"))
    assert not DataProduct.objects.filter(slug="second").exists()
    apply(dev, make_new_file(bank, id="second", name="Second", status="draft"))
    assert DataProduct.objects.get(slug="second").lifecycle == "draft"


def test_who_may_not_edit_finds_nothing(bank: Bank) -> None:
    text = export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    for person in (bank.ana, bank.sam, bank.greta):
        with pytest.raises(NotFoundError):
            apply(person, text)
        with pytest.raises(NotFoundError):
            apply(person, make_new_file(bank))
    assert reload_product(bank).summary != SUMMARY


def test_a_retired_product_stays(bank: Bank) -> None:
    text = export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    now = clock.now()
    DataProduct.objects.filter(pk=bank.product.pk).update(
        is_published=False, deprecated_at=now - timedelta(days=2), retired_at=now
    )
    with pytest.raises(RefusedError, match="is retired"):
        apply(bank.ines, text)


def test_hidden_inputs_stay(bank: Bank) -> None:
    hidden = factories.make_product(
        factories.make_domain(factories.make_team("Hidden", owners=[bank.sam])), bank.sam, [], "Hidden"
    )
    DataProduct.objects.filter(pk=hidden.pk).update(seen_by="domain", requested_by="domain")
    bank.product.inputs.add(hidden)
    assert hidden.slug not in export(bank.ines, bank.product.slug)
    apply(bank.ines, export_changed(bank.ines, bank.product.slug, summary=SUMMARY))
    assert list(reload_product(bank).inputs.all()) == [hidden]
    with pytest.raises(RefusedError, match="products that you can see"):
        plan(bank.ines, export_changed(bank.ines, bank.product.slug, inputs=(hidden.slug,)))


def test_a_table_that_is_gone_is_drift(bank: Bank) -> None:
    text = export(bank.ines, bank.product.slug)
    Table.objects.filter(pk=bank.claims.pk).update(tombstoned_at=clock.now())
    planned = plan(bank.ines, text)
    assert [(one.what, one.name) for one in planned.drift] == [("table_missing", str(bank.claims))]
    assert not planned.has_changes
    assert get_state(bank)


def test_who_may_see_it_changes_with_a_publication_alone(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    get_custom(data, "Discovery")["value"] = {"seenBy": "domain", "requestedBy": "domain"}
    planned = plan(bank.ines, dump(data), publishes=False)
    assert (planned.has_changes, [one.what for one in planned.drift]) == (False, ["audience_kept"])
    apply(bank.ines, dump({**data, "id": "second", "name": "Second"}), publishes=False)
    assert DataProduct.objects.get(slug="second").seen_by == "domain"
    apply(bank.ines, dump(data))
    assert reload_product(bank).seen_by == "domain"
