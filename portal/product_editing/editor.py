"""What the editor of a product offers: the draft, and what can be chosen."""

from dataclasses import dataclass
from typing import Any

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.revisions.content import compute_state_digest, parse_content, read_content
from catalog.revisions.inputs import list_choosable_inputs
from catalog.revisions.may import list_possible_owners
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft
from catalog.revisions.tables import list_choosable_tables
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.product_editing.forms import ProductForm, get_initial_values
from portal.product_editing.table_choices import MAX_LENGTH, find_tables

MAX_CHOICES = 2000


@dataclass(frozen=True)
class Editor:
    """`hidden_inputs` are chosen already and not shown to the person; they stay."""

    draft: ProductRevision | None
    initial: dict[str, Any]
    owners: list[Person]
    tables: list[Table]
    inputs: list[DataProduct]
    hidden_inputs: frozenset[int]

    def build_form(self, data: Any, initial: dict[str, Any] | None = None) -> ProductForm:
        return ProductForm(
            data, owners=self.owners, tables=self.tables, inputs=self.inputs, initial=initial or self.initial
        )

    def pick_tables(self, form: ProductForm, text: str) -> ProductForm:
        """The form as typed, with the found tables checked as well; nothing is saved."""
        values, problem, found = form.get_values(), "", list[int]()
        try:
            found = find_tables(text[:MAX_LENGTH], self.tables)
        except RefusedError as error:
            problem = error.message
        values["tables"] = list(dict.fromkeys(map(str, [*(values["tables"] or ()), *found])))
        picked = self.build_form(None, values)
        picked.pick_error = problem
        return picked


def read_editor(person: Person, product: DataProduct) -> Editor:
    draft, own = get_draft(product), read_content(product)
    content = parse_content(draft.content, own) if draft else own
    inputs = list(list_choosable_inputs(person, product)[:MAX_CHOICES])
    note, digest = draft.note if draft else "", compute_state_digest(product, draft)
    return Editor(
        draft=draft,
        initial=get_initial_values(content, note, digest),
        owners=_list_owners(product),
        tables=list(list_choosable_tables(product)[:MAX_CHOICES]),
        inputs=inputs,
        hidden_inputs=frozenset(content.inputs) - {one.pk for one in inputs},
    )


def _list_owners(product: DataProduct) -> list[Person]:
    """Who can be chosen, with the present owner, who may have left the team."""
    others = (one for one in list_possible_owners(product.domain) if one.pk != product.owner_id)
    return [product.owner, *others]
