"""What the database refuses by itself, and which intents it finds unjustified."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from catalog.tag_changes.models import TagChange, TagChangeApproval
from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.grants.justification import find_unjustified
from tests.database import as_role, without_triggers
from tests.tag_changes import TaggingBank


def test_nobody_else_approves(tagging: TaggingBank) -> None:
    bank, change = tagging.bank, tagging.propose()
    event = tagging.approve(tagging.propose()).approvals.get().event
    for person, team in ((bank.greta, bank.insurance), (bank.ines, None), (bank.ana, bank.insurance)):
        with pytest.raises(IntegrityError), transaction.atomic():
            TagChangeApproval.objects.create(
                tag_change=change, team=team, requested_by=tagging.ruth, decided_by=person, decided_at=clock.now(),
                effects_hash=change.effects_hash, event=event,
            )  # fmt: skip


@pytest.mark.parametrize("change", [{"assignments": []}, {"definitions": [{}]}, {"requested_by_id": 1}])
def test_what_was_proposed_stays(tagging: TaggingBank, change: dict[str, Any]) -> None:
    row = tagging.propose()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        TagChange.objects.filter(pk=row.pk).update(**change)
    with as_role("meshmarket_owner"), pytest.raises(IntegrityError), transaction.atomic():
        TagChange.objects.filter(pk=row.pk).update(**change)


def test_a_closed_change_stays(tagging: TaggingBank) -> None:
    row = tagging.approve(tagging.propose())
    with pytest.raises(IntegrityError), transaction.atomic():
        TagChange.objects.filter(pk=row.pk).update(comment="Otherwise.")


def test_an_intent_without_its_approvals_is_not_committed(tagging: TaggingBank) -> None:
    done = tagging.approve(tagging.propose()).intent
    assert done is not None
    forged = Intent(
        kind=Intent.Kind.CLASSIFICATION, scope_key=done.scope_key, subject="tag_change:0", wanted=done.wanted,
        effects=done.effects, effects_hash=done.effects_hash,
    )  # fmt: skip
    forged.created_at = clock.now()
    with pytest.raises(IntegrityError, match="no tag change owns it"), transaction.atomic():
        save_and_check(forged)


def save_and_check(intent: Intent) -> None:
    """As at the end of a transaction."""
    intent.save()
    connection.check_constraints()


def test_an_intent_that_wants_more_is_unjustified(tagging: TaggingBank) -> None:
    done = tagging.approve(tagging.propose()).intent
    assert done is not None
    connection.check_constraints()
    with without_triggers():
        Intent.objects.filter(pk=done.pk).update(wanted={**done.wanted, "assignments": []})
    assert "something else" in find_unjustified([Intent.objects.get(pk=done.pk)])[done.pk]
    with without_triggers():
        Intent.objects.filter(pk=done.pk).update(wanted=done.wanted)
        TagChangeApproval.objects.all().delete()
    assert (
        "approvals of its effects are missing" in find_unjustified([Intent.objects.get(pk=done.pk)])[done.pk]
    )
