"""The last comparison of a registered table as its page shows it."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.registrations.comparisons.may import may_request_comparison
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.queries import find_last_comparison, is_outdated
from catalog.registrations.comparisons.states import ComparisonProblem, ComparisonState
from catalog.registrations.models import Registration
from catalog.registrations.states import RegistrationStatus
from identity.people.models import Person
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import COMPARISON_STATES

MAX_NAMED_COLUMNS = 20
_REMEDIES = {
    ComparisonProblem.NOT_REGISTERED: (
        gettext_lazy("The table was no longer as it was registered."),
        gettext_lazy("Compare again once it is registered."),
    ),
    ComparisonProblem.NO_SOURCE: (
        gettext_lazy("The marketplace knows no table of the producer account at this location, or several."),
        gettext_lazy("Connect the catalog of the source, and give it the name of the registered table."),
    ),
    ComparisonProblem.OTHER_REGION: (
        gettext_lazy(
            "The source lies in another region or in a nested catalog, where one query can't read both."
        ),
        gettext_lazy("Compare the two with your own tools."),
    ),
    ComparisonProblem.NO_ROWS: (
        gettext_lazy("The source has no rows to compare."),
        gettext_lazy("Compare again when it has rows. A partitioned source needs partitions in its catalog."),
    ),
    ComparisonProblem.NOT_TRUSTED: (
        gettext_lazy("The role %(role)s does not let the marketplace's workers act as it."),
        gettext_lazy(
            "Let the workers' role assume it under the ExternalId %(external_id)s of the account, then compare again."
        ),
    ),
    ComparisonProblem.NO_SCAN_LIMIT: (
        gettext_lazy(
            "Nothing was read: the workgroup %(workgroup)s does not limit how much a query may scan."
        ),
        gettext_lazy("Ask an administrator of the account %(account)s to set a limit per query in Athena."),
    ),
    ComparisonProblem.SOURCE_REFUSED: (
        gettext_lazy("The role %(role)s may not read the source."),
        gettext_lazy("Give it SELECT on the source in the catalog of its account, then compare again."),
    ),
    ComparisonProblem.TABLE_REFUSED: (
        gettext_lazy(
            "The role %(role)s may not read the registered table: a registration gives it no SELECT."
        ),
        gettext_lazy("Request read access to the table for this role, then compare again."),
    ),
    ComparisonProblem.TOO_LONG: (
        gettext_lazy("The query took too long and was stopped."),
        gettext_lazy("Try again later."),
    ),
    ComparisonProblem.ATHENA_FAILED: (
        gettext_lazy("The query failed in Athena."),
        gettext_lazy("Correct what Athena names, then compare again."),
    ),
}


@dataclass(frozen=True)
class ComparisonDetails:
    """`row` is None before the first. `text` says what came of it, `remedy` what to do about it. `is_outdated`: the table or its
    source has changed since.
    """

    row: RowComparison | None
    text: str = ""
    remedy: str = ""
    is_outdated: bool = False
    may_request: bool = False

    @property
    def display_state(self) -> DisplayState | None:
        return COMPARISON_STATES[self.row.state] if self.row else None


def build_comparison_details(
    person: Person, registration: Registration, status: RegistrationStatus
) -> ComparisonDetails:
    """Takes a registration with its engineer's account. Two queries."""
    row = find_last_comparison(registration)
    is_open = row is not None and row.is_open
    may = status == RegistrationStatus.REGISTERED and not is_open
    text, remedy = _describe(row, registration) if row else ("", "")
    return ComparisonDetails(
        row,
        text,
        remedy,
        is_outdated=row is not None and not is_open and is_outdated(row, registration),
        may_request=may and bool(may_request_comparison(person, registration)),
    )


def _describe(row: RowComparison, registration: Registration) -> tuple[str, str]:
    if row.state == ComparisonState.SAME:
        rows = row.source_rows or 0
        text = ngettext(
            "Both give the same %(n)d row of this file, by count and checksum of each column.",
            "Both give the same %(n)d rows of this file, by count and checksum of each column.",
            rows,
        )
        return text % {"n": rows}, ""
    if row.state == ComparisonState.DIFFERENT:
        return _describe_difference(row), _(
            "Compare the SerDe, its parameters, the header lines and the partitions of both tables."
        )
    if row.state != ComparisonState.UNKNOWN:
        return "", ""
    engineer = registration.engineer
    words = {
        "role": engineer.name,
        "account": engineer.account.name,
        "external_id": engineer.account.external_id,
        "workgroup": settings.QUERY_WORKGROUP,
    }
    unexpected = (
        _("Something unexpected went wrong."),
        _("Compare again. If it fails again, tell the governance team."),
    )
    said, remedy = _REMEDIES.get(ComparisonProblem(row.problem), unexpected)
    return str(said) % words, str(remedy) % words


def _describe_difference(row: RowComparison) -> str:
    if row.source_rows != row.table_rows:
        counts = {"table": row.table_rows, "source": row.source_rows}
        return (
            _("The registered table gives %(table)d rows of this file, and the source %(source)d.") % counts
        )
    names = ", ".join(row.differing_columns[:MAX_NAMED_COLUMNS])
    return _("These columns have other values in this file: %(names)s.") % {"names": names}
