"""Roles of an account that services take on, and who could answer for them."""

from django.db.models import QuerySet

from identity.accounts.models import Account, Principal
from identity.people.models import Person


def service_roles(account: Account) -> QuerySet[Principal]:
    """Those that are there, by name; not the portal's own."""
    living = Principal.objects.filter(account=account, gone_at=None, is_portal=False).exclude(services=[])
    return living.select_related("account__team", "owner").order_by("name")


def candidates(account: Account) -> QuerySet[Person]:
    """People of the account's team, by name."""
    return Person.objects.filter(is_active=True, teams=account.team_id).distinct().order_by("name")
