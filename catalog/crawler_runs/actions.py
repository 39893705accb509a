"""Start a crawler. No call to AWS is made: a worker finds the row."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.crawler_runs.may import may_request_crawler_run
from catalog.crawler_runs.models import Crawler, CrawlerRun
from catalog.crawler_runs.states import OPEN_RUN_STATES
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.queries import insert_open_row

MAX_NAME_LENGTH = 255


@transaction.atomic(durable=True)
def request_crawler_run(*, acting_user: Person, catalog_id: int, crawler: str, now: datetime) -> CrawlerRun:
    """NotFoundError for an unknown catalog, ForbiddenError, RefusedError while a run of the crawler is open."""
    catalog = ConnectedCatalog.objects.select_related("account__team").filter(pk=catalog_id).first()
    if catalog is None:
        raise NotFoundError
    require_allowed(may_request_crawler_run(acting_user, catalog))
    name = crawler.strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise RefusedError(_("Enter the name of a crawler, with at most 255 characters."), "crawler")
    known = Crawler.objects.filter(catalog=catalog, name=name).first()
    run = CrawlerRun(
        database=known.database if known else "",
        catalog=catalog,
        crawler=name,
        requested_by=acting_user,
        requested_at=now,
        due_at=now,
    )
    words = _("This crawler was already started here. Wait until its run has ended.")
    open_runs = CrawlerRun.objects.filter(catalog=catalog, crawler=name, state__in=OPEN_RUN_STATES)
    insert_open_row(run, open_runs, RefusedError(words, "crawler"))
    data = {"catalog": catalog.pk, "what": run.crawler}
    record_by_person("request_crawler_run", acting_user, run.subject, data, now)
    return run
