"""Why a principal can read the columns of a table, for one table and one principal."""

from dataclasses import dataclass

from catalog.browse.tables import get_table
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from lakeformation.explanation.access_paths import explain_column_access
from lakeformation.explanation.answers import ColumnExplanation
from lakeformation.values.arn import MalformedArnError, PrincipalArn
from requests_app.permissions.explanation_facts import KnownFacts, build_question
from requests_app.permissions.may import may_explain_access
from requests_app.permissions.view_base_tables import read_known_facts


@dataclass(frozen=True)
class AccessExplanation:
    table: Table
    principal: str
    known_facts: KnownFacts

    @property
    def columns(self) -> tuple[str, ...]:
        """Data columns, then partition keys, in lower case as Lake Formation has them."""
        return (*self.known_facts.facts.columns, *self.known_facts.facts.partition_keys)

    def explain_column(self, column: str) -> ColumnExplanation:
        return explain_column_access(
            build_question(self.table, self.principal, column), self.known_facts.facts
        )


def explain_access(person: Person, table: Table, principal: str) -> AccessExplanation:
    """NotFoundError for a principal that the person may not ask about; RefusedError for what is no role or user."""
    if not may_explain_access(person, table, principal):
        raise NotFoundError
    try:
        PrincipalArn.parse(principal)
    except MalformedArnError as error:
        raise RefusedError(str(error), "principal") from error
    return AccessExplanation(table, principal, read_known_facts(table, principal, visible_tables(person)))


def get_table_to_explain(person: Person, pk: int) -> Table:
    """NotFoundError when there is none, none for this person, or one that the catalog no longer has."""
    table = get_table(person, pk)
    if table.tombstoned_at:
        raise NotFoundError
    return table
