"""Registrations as decisions: their list, the form that asks for one, and the page of one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.crawler_runs import list_startable_crawlers
from catalog.mirror.models import Table
from catalog.products.may import list_edited_domains
from catalog.products.models import Domain
from catalog.registrations.actions import except_registration, request_registration
from catalog.registrations.effects import build_write_access, preview_calls
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.may import may_except_registration
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_status
from catalog.registrations.schema_updates.queries import list_schema_updates
from catalog.registrations.sources import list_source_tables, read_source
from catalog.registrations.targets import list_engineers, list_governance_catalogs
from fulfilment.timeline import TimelineEvent
from kernel.errors import NotFoundError
from lakeformation.access.table_access import WRITE_VERBS
from portal.crawler_runs.forms import CrawlerRunForm
from portal.decisions.declaration import REQUESTED_BY, STATUS, DecisionList, DecisionPage, OtherVerb
from portal.decisions.views import build_page_urls
from portal.lists.declaration import Column, EmptyState
from portal.registrations import api
from portal.registrations.comparisons.presenters import build_comparison_details
from portal.registrations.forms import RegistrationForm
from portal.registrations.schema_updates.presenters import SchemaUpdateRow

MAX_UPDATES, MAX_SOURCES = 20, 1000
CELLS = "portal/registrations/cells.html#"


class RegistrationList(DecisionList):
    kind = REGISTRATION
    api_route = "api-registrations"
    filters = api.RegistrationFilters
    title = gettext_lazy("Registrations")
    lead = gettext_lazy(
        "Add your tables to the governance catalog. Registering a table gives access to your own engineers only."
    )
    label = gettext_lazy("List of registrations")
    columns = (
        Column(gettext_lazy("Table"), f"{CELLS}table", is_labelled=False),
        Column(gettext_lazy("Domain"), "components/cells.html#link", "row.domain"),
        Column(gettext_lazy("Producer account"), "components/cells.html#name", "row.producer.name"),
        REQUESTED_BY,
        STATUS,
    )
    empty = EmptyState(
        "table",
        gettext_lazy("No registrations yet"),
        gettext_lazy("The tables that your domain registers appear here."),
    )
    request_label = gettext_lazy("Register a table")
    links = ((gettext_lazy("Crawler runs"), "crawler-runs"),)

    def may_request(self) -> bool:
        return list_edited_domains(self.person).exists()


class RegistrationPage(DecisionPage):
    kind = REGISTRATION
    listing = RegistrationList
    is_name_code = is_heading_code = True
    asked_template = "portal/registrations/asked.html"
    panel_template = "portal/registrations/panels.html"
    problem_title = gettext_lazy("Not registered yet")
    requested_text = gettext_lazy("%(name)s requested the registration")
    done = {
        "approve": gettext_lazy("Approved. The table is being created."),
        "reject": gettext_lazy("Rejected. Nothing changes."),
        "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
        "end": gettext_lazy("Ended. The engineers lose their write access now. The table stays."),
    }
    others = {
        "except": OtherVerb(
            label=gettext_lazy("Approve the location"),
            done=gettext_lazy("The location is approved. A data owner of the domain decides next."),
            act=except_registration,
            may=lambda person, row: row.awaits_exception and may_except_registration(person, row),
            hint=gettext_lazy("why you approve the location"),
        )
    }
    end_title = gettext_lazy("End the registration")
    new_template = "portal/registrations/new.html"
    new_title = gettext_lazy("Register a table")
    new_lead = gettext_lazy(
        "A data owner of your domain decides. Then the table is created in the governance catalog, and your engineers' role can write to it."
    )
    argument_fields = {"producer": "engineer"}

    def get_title(self, row: Registration) -> str:
        return _("Registration of %(name)s") % {"name": row}

    def get_heading(self, row: Registration) -> str:
        return str(row)

    def get_reason(self, row: Registration) -> str:
        return row.purpose

    def get_end_title(self, row: Registration) -> str:
        return _("End the registration of %(name)s") % {"name": row}

    def get_end_lead(self, row: Registration) -> str:
        return _("%(role)s loses its write access. The table, its data and other people's access stay.") % {
            "role": row.engineer.name
        }

    def list_intents(self, row: Registration) -> Iterable[Any]:
        return row.table_intent, row.write_intent

    def list_own_events(self, row: Registration) -> Iterator[TimelineEvent]:
        if row.exception_by and row.exception_at:
            text = _("%(name)s approved the location") % {"name": row.exception_by.name}
            yield TimelineEvent(row.exception_at, "decided", text, row.exception_reason)

    def build_context(self, row: Registration) -> Mapping[str, Any]:
        """`calls` are to come, while it is not decided."""
        updates = list_schema_updates(self.person).filter(registration=row)[:MAX_UPDATES]
        return {
            "verbs": WRITE_VERBS,
            "links": [link.display_name for link in build_write_access(row).links],
            "calls": list(preview_calls(row)) if row.is_waiting else [],
            "comparison": build_comparison_details(self.person, row, get_status(row)),
            "schema_updates": [SchemaUpdateRow(update) for update in updates],
        }

    def build_form(self, data: QueryDict | None, query: QueryDict) -> RegistrationForm:
        """Filled in from the table of a producer's catalog that the query names as `source`."""
        domains = list(list_edited_domains(self.person))
        if not domains:
            raise NotFoundError
        chosen = next(
            (source for source in _list_sources(domains) if str(source.pk) == query.get("source")), None
        )
        engineers = list(
            {engineer.pk: engineer for domain in domains for engineer in list_engineers(domain)}.values()
        )
        return RegistrationForm(
            data,
            domains=domains,
            catalogs=list_governance_catalogs(),
            engineers=engineers,
            source=read_source(chosen) if chosen else {},
        )

    def build_form_context(self, query: QueryDict) -> Mapping[str, Any]:
        return {
            "sources": _list_sources(list(list_edited_domains(self.person))),
            "source": query.get("source", ""),
            "crawler_form": CrawlerRunForm(None, list_startable_crawlers(self.person)),
        }

    def request(self, form: RegistrationForm) -> Registration:
        return request_registration(acting_user=self.person, content=form.build_content(), now=self.now)


def _list_sources(domains: list[Domain]) -> QuerySet[Table]:
    return list_source_tables(domains)[:MAX_SOURCES]


urlpatterns, api_urlpatterns = build_page_urls(RegistrationPage), api.urlpatterns
