"""What can be requested: by teams with a role in a consuming account, and nothing that is empty."""

from catalog.search.plans.matches import Entitlements, get_entitlements
from identity.people.models import Team
from tests import factories


def may_request(team: Team) -> bool:
    return get_entitlements.__wrapped__(frozenset({team.pk}), None).may_request


def test_only_roles_of_consuming_accounts_request(db: None) -> None:
    consumer, producer = factories.make_team("Consumer"), factories.make_team("Producer")
    factories.make_principal(factories.make_account(consumer))
    factories.make_principal(factories.make_account(producer, is_consumer=False))
    assert (may_request(consumer), may_request(producer)) == (True, False)


def test_what_can_be_read_is_had_and_what_is_empty_is_not_requested() -> None:
    found = Entitlements(frozenset({1}), may_request=True, labels={})
    assert found.get_access(1, is_empty=False) == "have"
    assert found.get_access(2, is_empty=False) == "ask"
    assert found.get_access(2, is_empty=True) == "none"
