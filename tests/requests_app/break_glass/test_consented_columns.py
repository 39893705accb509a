"""A standing consent for some columns of a table opens these and no others; the database holds it, too."""

import pytest
from django.db import IntegrityError

from catalog.mirror.models import Column
from kernel.errors import RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.break_glass.models import BreakGlassConsent
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank
from tests.requests_app.break_glass.test_break_glass import BreakGlassSetup


@pytest.fixture
def scene(bank: Bank) -> BreakGlassSetup:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [ben])
    return BreakGlassSetup(bank, ben)


def test_only_the_named_columns_are_opened(scene: BreakGlassSetup) -> None:
    taken = scene.open_session(scene.give_consent(columns={scene.bank.claims.pk: ["amount", "claim_id"]}))
    scene.confirm_session(taken)
    assert Grant.objects.get().item.columns == ["claim_id", "amount"]


def test_of_a_table_without_names_all_columns_are(scene: BreakGlassSetup) -> None:
    scene.confirm_session(scene.open_session(scene.give_consent()))
    assert Grant.objects.get().item.columns == ["claim_id", "amount", "iban"]


def test_a_column_that_is_not_there_is_refused_at_its_field(scene: BreakGlassSetup) -> None:
    with pytest.raises(RefusedError, match="has no column salary") as caught:
        scene.give_consent(columns={scene.bank.claims.pk: ["salary"]})
    assert (caught.value.field, BreakGlassConsent.objects.count()) == ("columns", 0)


def test_columns_of_a_table_that_is_not_consented_to_are_refused(scene: BreakGlassSetup) -> None:
    with pytest.raises(RefusedError, match="not selected"):
        scene.give_consent(columns={scene.bank.claims.pk + 1: ["claim_id"]})


def test_one_that_is_gone_by_then_is_left_out(scene: BreakGlassSetup) -> None:
    consent = scene.give_consent(columns={scene.bank.claims.pk: ["amount", "claim_id"]})
    Column.objects.filter(table=scene.bank.claims, name="amount").delete()
    scene.open_session(consent)
    assert RequestItem.objects.get().columns == ["claim_id"]


@pytest.mark.parametrize("wider", [{"columns": ["claim_id", "iban"]}, {"columns": [], "whole_table": True}])
def test_the_database_refuses_a_decision_that_shows_more(
    scene: BreakGlassSetup, wider: dict[str, object]
) -> None:
    taken = scene.open_session(scene.give_consent(columns={scene.bank.claims.pk: ["claim_id"]}))
    RequestItem.objects.update(**wider)
    with pytest.raises(IntegrityError, match="no confirmed session under a standing consent"):
        scene.confirm_session(taken)
    assert not Grant.objects.exists()
