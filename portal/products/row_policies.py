"""Row-level security policies of a table, as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from fulfilment.observations.row_policies import load_row_policies
from identity.people.models import Person
from lakeformation.values.row_policies import RowPolicyAttachment
from requests_app.permissions.may import may_explain_any
from requests_app.targets.many_tables import build_table_tags


@dataclass(frozen=True)
class TableRowPolicies:
    """`text` says what is known of rows beside grants; `attachments` are shown to those who may see who reads the table."""

    text: str
    attachments: Sequence[RowPolicyAttachment] = ()


def build_table_row_policies(person: Person, table: Table) -> TableRowPolicies | None:
    """None where a reading found none, or nothing was read yet. One query, those of `may_explain_any`, and of `column_facts` where
    policies are attached to LF-Tags.
    """
    read = load_row_policies(table.database.catalog)
    policies = read.with_default(table.database.name, table.name, table.default_row_policy)
    by_tags = any(one.tags is not None for one in policies.attachments)
    tags = build_table_tags(table, table.column_facts) if by_tags else [table.tags]
    found = policies.list_on_table(table.database.name, table.name, tags)
    if found:
        text = _(
            "Row-level security policies narrow or widen the rows that grants show. Which rows a grant shows is not known."
        )
        return TableRowPolicies(text, found if may_explain_any(person, table) else ())
    if policies.is_refused:
        return TableRowPolicies(
            _(
                "Whether row-level security policies narrow or widen the rows is not known: AWS did not list them."
            )
        )
    return None
