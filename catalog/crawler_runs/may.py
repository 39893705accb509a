"""Who may start crawlers, and see their runs."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.crawler_runs.models import CrawlerRun
from catalog.products.may import EDITOR_ROLES, list_edited_domains
from identity.accounts import ConnectedCatalog
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def crawlable_catalogs(person: Person) -> QuerySet[ConnectedCatalog]:
    """Connected catalogs of producer accounts for whose domains the person may register tables."""
    return ConnectedCatalog.objects.filter(
        kind=ConnectedCatalog.Kind.PRODUCER,
        path="",
        account__is_producer=True,
        account__team__in=list_edited_domains(person).values("owner_team"),
    )


def may_request_crawler_run(person: Person, catalog: ConnectedCatalog) -> Verdict:
    """Whoever may register tables of the account."""
    if person.is_active and crawlable_catalogs(person).filter(pk=catalog.pk).exists():
        return ALLOWED
    team = {"team": catalog.account.team.name}
    return refusal(_("Only data owners and developers of %(team)s can start its crawlers.") % team)


def visible_crawler_runs(person: Person) -> QuerySet[CrawlerRun]:
    """Those of the accounts of the person's teams, and their own; all for governance admins and auditors."""
    if can_read_everything(person):
        return CrawlerRun.objects.all()
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return CrawlerRun.objects.filter(Q(catalog__account__team__in=teams) | Q(requested_by=person))
