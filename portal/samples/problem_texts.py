"""Why a query failed, and what to do about it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.accounts import Principal
from identity.people.models import Person
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.states import QueryProblem

_TEXTS = {
    QueryProblem.NOT_TRUSTED: (
        gettext_lazy("The role %(role)s does not let the marketplace's workers act as it."),
        gettext_lazy(
            "Ask an administrator of the account %(account)s to add the workers to the role's trust policy."
        ),
    ),
    QueryProblem.ACCESS_ENDED: (
        gettext_lazy("The access of %(role)s ended or changed meanwhile, so nothing was read."),
        gettext_lazy("Request access again."),
    ),
    QueryProblem.NO_SCAN_LIMIT: (
        gettext_lazy(
            "Nothing was read: the workgroup %(workgroup)s does not limit how much a query may scan."
        ),
        gettext_lazy("Ask an administrator of the account %(account)s to set a limit per query in Athena."),
    ),
    QueryProblem.TOO_LONG: (
        gettext_lazy("The query took too long and was stopped."),
        gettext_lazy("Try again later."),
    ),
    QueryProblem.TOO_LARGE: (
        gettext_lazy("The result is too large to be read here."),
        gettext_lazy("Choose fewer columns or rows, or query the table with your own tools."),
    ),
    QueryProblem.ATHENA_REFUSED: (
        gettext_lazy("Athena refused the query of %(role)s."),
        gettext_lazy("Ask an administrator of the account %(account)s whether the role may use Athena."),
    ),
    QueryProblem.ATHENA_FAILED: (
        gettext_lazy("The query failed in Athena."),
        gettext_lazy("Try again. If it fails again, report a problem with the table."),
    ),
}


def describe_missing_trust(
    principal: Principal, admins: Sequence[Person], *, may_mend: bool
) -> tuple[str, str]:
    """What is missing, and who does what about it."""
    words = {
        "role": principal.name,
        "account": principal.account.name,
        "names": _(" or ").join(admin.name for admin in admins),
    }
    if may_mend:
        remedy = _("Add this statement to the role's trust policy in IAM.")
    elif admins:
        remedy = _(
            "Ask %(names)s, who can allow it and finds on this page what to add. Until then, query the table with your own tools."
        )
    else:
        remedy = _(
            "Nobody is named as an account admin of %(account)s. Ask the governance team to name one, who then finds on this page what to add. Until then, query the table with your own tools."
        )
    return str(_TEXTS[QueryProblem.NOT_TRUSTED][0]) % words, remedy % words


def describe_problem(query: DataQuery) -> tuple[str, str]:
    """What happened, and what to do."""
    words = {
        "role": query.principal.name,
        "workgroup": query.workgroup,
        "account": query.principal.account.name,
    }
    unexpected = (
        _("Something unexpected went wrong."),
        _("Try again. If it fails again, tell the governance team."),
    )
    text, remedy = _TEXTS.get(QueryProblem(query.problem), unexpected)
    return str(text) % words, str(remedy) % words
