"""An account's roles are its own, by the database, too; the portal makes its accounts so."""

import pytest
from django.db import IntegrityError, transaction

from identity.accounts import Account
from identity.connections import AccountConnection
from tests import factories
from tests.database import as_role


@pytest.mark.parametrize("field", ["observer_role_arn", "executor_role_arn"])
@pytest.mark.parametrize(
    "arn", ["", "arn:aws:iam::999999999999:role/a", "arn:aws:iam::000000000001:role/a\nb", "x"]
)
def test_the_database_refuses_a_role_of_another_account(db: None, field: str, arn: str) -> None:
    account = factories.make_account(factories.make_team(), account_id="000000000001")
    with pytest.raises(IntegrityError, match="its_own"), as_role("meshmarket_owner"), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**{field: arn})


@pytest.mark.parametrize("name", ["meshmarket", "service/of/ours/meshmarket-executor", "a+b=c,d.e@f_g-h"])
def test_every_role_of_the_account_is_taken(db: None, name: str) -> None:
    account = factories.make_account(factories.make_team(), account_id="000000000001")
    with as_role("meshmarket_owner"):
        Account.objects.filter(pk=account.pk).update(
            executor_role_arn=f"arn:aws:iam::000000000001:role/{name}"
        )


def test_a_connected_account_has_roles_of_its_own(db: None) -> None:
    account = AccountConnection(
        account_id="111111111111", name="A", region="eu-central-1", team=factories.make_team(), grants=False
    ).as_account()
    account.validate_constraints()
