"""Who may ask why a principal sees a column."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from identity.people.may import teams_as
from identity.people.models import Membership, Person
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.ledger.may import domain_at, sees_whole_ledger
from requests_app.loaders import principals_for


def may_ask_of_anyone(person: Person, table: Table) -> Verdict:
    """Who answers for the table, and who reads the whole ledger, ask of any principal."""
    if sees_whole_ledger(person):
        return ALLOWED
    domain = domain_at(table.database.catalog, table.database.name, table.name)
    if domain and person.is_active and domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    return refused(_("Only the owners of the data ask this of roles that are not their own."))


def may_ask_of_someone(person: Person, table: Table) -> bool:
    """Whether there is any principal that the person may ask about."""
    return (
        bool(may_ask_of_anyone(person, table))
        or principals_for(person).filter(arn__contains=":iam:").exists()
    )


def may_ask_why(person: Person, table: Table, principal: str) -> Verdict:
    """Besides, everyone of roles of their own teams."""
    verdict = may_ask_of_anyone(person, table)
    if verdict or principals_for(person).filter(arn=principal).exists():
        return ALLOWED
    return verdict
