"""As whom the workers act in an account. The web role may not write these columns: a function of the database does."""

from django.db import connection

from audit.models import Event
from identity.accounts.models import Account

SET = "SELECT identity_set_account_roles(%s, %s, %s, %s, %s)"


def set_account_roles(account: Account, event: Event) -> None:
    """Save the roles and the ExternalId that stand on `account`. `event` is on the record of the same transaction, with
    `account:<row>` as its subject; else, or for roles of another account, the database refuses with an IntegrityError.
    """
    roles = (account.observer_role_arn, account.executor_role_arn, account.external_id)
    with connection.cursor() as cursor:
        cursor.execute(SET, [account.pk, *roles, event.pk])
