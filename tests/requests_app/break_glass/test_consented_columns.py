"""A standing consent for some columns of a table opens these and no others; the database holds it, too."""

import pytest
from django.db import IntegrityError

from catalog.mirror.models import Column
from identity.errors import RefusedError
from requests_app.access_requests.models import Item
from requests_app.break_glass.models import StandingConsent
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank
from tests.requests_app.break_glass.test_break_glass import Scene


@pytest.fixture
def scene(bank: Bank) -> Scene:
    ben = factories.make_person("Ben Frey")
    factories.join(bank.bi, "member", [ben])
    return Scene(bank, ben)


def test_only_the_named_columns_are_opened(scene: Scene) -> None:
    taken = scene.take(scene.give(columns={scene.bank.claims.pk: ["amount", "claim_id"]}))
    scene.confirm(taken)
    assert Grant.objects.get().item.columns == ["claim_id", "amount"]


def test_of_a_table_without_names_all_columns_are(scene: Scene) -> None:
    scene.confirm(scene.take(scene.give()))
    assert Grant.objects.get().item.columns == ["claim_id", "amount", "iban"]


def test_a_column_that_is_not_there_is_refused_at_its_field(scene: Scene) -> None:
    with pytest.raises(RefusedError, match="has no column salary") as caught:
        scene.give(columns={scene.bank.claims.pk: ["salary"]})
    assert (caught.value.field, StandingConsent.objects.count()) == ("columns", 0)


def test_columns_of_a_table_that_is_not_consented_to_are_refused(scene: Scene) -> None:
    with pytest.raises(RefusedError, match="not selected"):
        scene.give(columns={scene.bank.claims.pk + 1: ["claim_id"]})


def test_one_that_is_gone_by_then_is_left_out(scene: Scene) -> None:
    consent = scene.give(columns={scene.bank.claims.pk: ["amount", "claim_id"]})
    Column.objects.filter(table=scene.bank.claims, name="amount").delete()
    scene.take(consent)
    assert Item.objects.get().columns == ["claim_id"]


@pytest.mark.parametrize("wider", [{"columns": ["claim_id", "iban"]}, {"columns": [], "whole_table": True}])
def test_the_database_refuses_a_decision_that_shows_more(scene: Scene, wider: dict[str, object]) -> None:
    taken = scene.take(scene.give(columns={scene.bank.claims.pk: ["claim_id"]}))
    Item.objects.update(**wider)
    with pytest.raises(IntegrityError, match="no standing consent"):
        scene.confirm(taken)
    assert not Grant.objects.exists()
