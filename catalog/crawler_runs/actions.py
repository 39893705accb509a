"""Start a crawler. No call to AWS is made: a worker finds the row."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.crawler_runs.may import may_request_crawler_run
from catalog.crawler_runs.models import Crawler, CrawlerRun
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError, RefusedError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person

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
    try:
        with transaction.atomic():
            run = CrawlerRun.objects.create(
                database=known.database if known else "",
                catalog=catalog,
                crawler=name,
                requested_by=acting_user,
                requested_at=now,
                due_at=now,
            )
    except IntegrityError as error:
        words = _("This crawler was already started here. Wait until its run has ended.")
        raise RefusedError(words, "crawler") from error
    data = {"catalog": catalog.pk, "what": run.crawler}
    record_by_person("request_crawler_run", acting_user, run.subject, data, now)
    return run
