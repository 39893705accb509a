"""The roles that workers assume in an account. A database function writes these columns; the web role may not."""

from django.db import connection

from audit.models import Event
from identity.accounts.models import Account

SET_ROLES_SQL = "SELECT identity_set_account_roles(%s, %s, %s, %s, %s)"


def set_account_roles(account: Account, event: Event) -> None:
    """Save the roles and the ExternalId of `account`. `event` was written in the same transaction, with
    `account:<row>` as its subject. IntegrityError otherwise, or for roles of another account.
    """
    roles = (account.observer_role_arn, account.executor_role_arn, account.external_id)
    with connection.cursor() as cursor:
        cursor.execute(SET_ROLES_SQL, [account.pk, *roles, event.pk])
