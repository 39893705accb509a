"""Shows the effects of a tag change that a form describes, and proposes it once they were shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.preview import preview_tag_change
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from lakeformation.tagging import TagAssignment, TagChangeEffects, TagDefinition
from portal.pages.forms import add_refusal
from portal.tag_changes.forms import ProposalForm

PROPOSE, PREVIEW = "propose", "preview"


@dataclass(frozen=True)
class Proposal:
    catalog: ConnectedCatalog
    assignments: Sequence[TagAssignment] = ()
    definitions: Sequence[TagDefinition] = ()


@dataclass(frozen=True)
class ProposalResult:
    """`made` once it is proposed, else the effects to show; neither if the form has errors."""

    made: TagChange | None = None
    effects: TagChangeEffects | None = None


def handle_proposal(
    person: Person, form: ProposalForm, proposal: Proposal, do: str, **fields: str
) -> ProposalResult:
    """`fields` maps argument names of the action to fields of the form."""
    words: dict[str, Any] = vars(proposal)
    try:
        effects = preview_tag_change(person, **words)
        if do != PROPOSE:
            return ProposalResult(effects=effects)
        shown = form.cleaned_data["effects_hash"]
        if not shown:
            form.add_error(None, _("Check the effects first, then propose the change."))
            return ProposalResult(effects=effects)
        made = propose_tag_change(
            acting_user=person,
            reason=form.cleaned_data["reason"],
            effects_hash=shown,
            now=clock.now(),
            **words,
        )
        return ProposalResult(made=made)
    except TagEffectsChangedError as error:
        form.add_error(None, error.message)
        return ProposalResult(effects=error.effects)
    except RefusedError as error:
        add_refusal(form, error, **fields)
    except ForbiddenError as error:
        form.add_error(None, error.verdict.reason)
    return ProposalResult()
