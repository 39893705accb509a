"""Write access as a decision: its list, the form that asks for it, and the page of one request."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from identity.accounts import Principal
from kernel.errors import NotFoundError
from portal.decisions.declaration import REQUESTED_BY, STATUS, DecisionList, DecisionPage
from portal.decisions.views import build_page_urls
from portal.lists.declaration import Column, EmptyState
from portal.pages.forms import PageForm, get_end_of_day, set_choices
from portal.request_form.forms import get_default_end
from portal.request_form.initial_values import build_end_date_context
from portal.write_access import api
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.effects import build_write_access, list_obstacles
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.targets import list_writable_tables, list_writers

MAX_TABLES = 1000
CELLS = "portal/write_access/cells.html#"


class WriteRequestForm(PageForm):
    max_text_length = MAX_TEXT_LENGTH

    table = forms.TypedChoiceField(
        label=gettext_lazy("Table"),
        help_text=gettext_lazy("of your domain"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose a table."),
            "invalid_choice": gettext_lazy(
                "This table no longer exists, or belongs to another domain. Choose another."
            ),
        },
    )
    principal = forms.TypedChoiceField(
        label=gettext_lazy("Role"),
        help_text=gettext_lazy("of a producer account of your team"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose the role that will write."),
            "invalid_choice": gettext_lazy(
                "This role no longer exists, or is in no producer account. Choose another."
            ),
        },
    )
    verbs = forms.MultipleChoiceField(
        choices=WriteVerb.choices, error_messages={"required": gettext_lazy("Choose what the role may do.")}
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        help_text=gettext_lazy("What the role writes, and why. People in the domain read it."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=MAX_TEXT_LENGTH,
        error_messages={"required": gettext_lazy("Say what the role writes, and why.")},
    )
    ends_on = forms.DateField(
        error_messages={
            "required": gettext_lazy("Choose the last day."),
            "invalid": gettext_lazy("Enter a valid date."),
        }
    )

    def __init__(
        self, data: Any, *, tables: Sequence[Table], writers: Sequence[Principal], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial={"verbs": [WriteVerb.INSERT], **initial})
        self.writers = {writer.pk: writer for writer in writers}
        set_choices(
            self, "table", [("", str(gettext_lazy("choose"))), *((table.pk, str(table)) for table in tables)]
        )
        set_choices(self, "principal", [(writer.pk, str(writer)) for writer in writers])

    @property
    def selected_verbs(self) -> list[str]:
        """Also of an unbound form."""
        return [str(verb) for verb in self["verbs"].value() or ()]

    @property
    def ends_at(self) -> datetime:
        """The end of the day `ends_on`."""
        return get_end_of_day(self.cleaned_data["ends_on"])


class WriteRequestList(DecisionList):
    kind = WRITE_REQUEST
    api_route = "api-write-requests"
    filters = api.WriteRequestFilters
    title = gettext_lazy("Write access")
    lead = gettext_lazy(
        "Let your own pipelines write to the tables of your domain. Reading rows is requested separately."
    )
    label = gettext_lazy("List of write requests")
    columns = (
        Column(gettext_lazy("Table"), "code_name", is_labelled=False),
        Column(gettext_lazy("Role"), f"{CELLS}role", "row.principal"),
        Column(gettext_lazy("Permissions"), f"{CELLS}verbs", "row.verbs", cell_classes="mono small"),
        Column(gettext_lazy("Until"), f"{CELLS}day", "row.ends_at", cell_classes="nowrap"),
        REQUESTED_BY,
        STATUS,
    )
    empty = EmptyState(
        "table",
        gettext_lazy("No write requests yet"),
        gettext_lazy("Requests for write access to your domain's tables appear here."),
    )
    request_label = gettext_lazy("Request write access")

    def may_request(self) -> bool:
        return list_writable_tables(self.person).exists()


class WriteAccessPage(DecisionPage):
    kind = WRITE_REQUEST
    listing = WriteRequestList
    is_name_code = True
    asked_template = "portal/write_access/asked.html"
    requested_text = gettext_lazy("%(name)s requested write access")
    done = {
        "approve": gettext_lazy("Approved. The role gets its write access now."),
        "reject": gettext_lazy("Rejected. Nothing changes."),
        "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
        "end": gettext_lazy("Ended. The role loses its write access now."),
    }
    end_title = gettext_lazy("End the write access")
    new_template = "portal/write_access/new.html"
    new_title = gettext_lazy("Request write access")
    new_lead = gettext_lazy(
        "A data owner of your domain decides. Then the role can write to the table until the end date."
    )
    argument_fields = {"ends_at": "ends_on"}

    def get_title(self, row: WriteRequest) -> str:
        return _("Write access to %(name)s") % {"name": row}

    def get_reason(self, row: WriteRequest) -> str:
        return row.purpose

    def get_end_lead(self, row: WriteRequest) -> str:
        return _(
            "%(role)s can no longer write to %(name)s. The table, its data and other people's access stay."
        ) % {"role": row.principal.name, "name": row}

    def may_end(self, row: WriteRequest) -> bool:
        return row.ends_at > self.now and super().may_end(row)

    def list_obstacles(self, row: WriteRequest) -> Iterable[str]:
        return list_obstacles(row)

    def list_intents(self, row: WriteRequest) -> Iterable[Any]:
        return [row.intent]

    def build_context(self, row: WriteRequest) -> Mapping[str, Any]:
        return {
            "verbs": [(verb, WriteVerb(verb).label) for verb in row.verbs],
            "links": [link.display_name for link in build_write_access(row).links],
        }

    def build_form(self, data: QueryDict | None, query: QueryDict) -> WriteRequestForm:
        """`table` in the query is the one that is chosen already."""
        chosen = query.get("table", "")
        writable = list_writable_tables(self.person)
        tables = list(writable[:MAX_TABLES])
        if chosen.isdecimal() and not any(str(table.pk) == chosen for table in tables):
            tables.extend(writable.filter(pk=int(chosen)))
        if not tables:
            raise NotFoundError
        return WriteRequestForm(
            data,
            tables=tables,
            writers=list(list_writers(self.person)),
            initial={"table": chosen, "ends_on": get_default_end(self.now, self.now)},
        )

    def build_form_context(self, _query: QueryDict) -> Mapping[str, Any]:
        return build_end_date_context(self.now)

    def request(self, form: WriteRequestForm) -> WriteRequest:
        said = form.cleaned_data
        return request_write_access(
            acting_user=self.person,
            table_id=said["table"],
            principal=form.writers[said["principal"]],
            verbs=said["verbs"],
            purpose=said["purpose"],
            ends_at=form.ends_at,
            now=self.now,
        )


urlpatterns, api_urlpatterns = build_page_urls(WriteAccessPage), api.urlpatterns
