"""The engine trusts no intent: what the rows of a decision do not justify is not sent, and is an incident."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from demo.bank.accounts import PARTNER
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from fulfilment.rounds import Scope, Step
from lakeformation.drift import DifferenceKind
from requests_app.grants.justification import find_unjustified
from requests_app.grants.models import Grant
from requests_app.review.access_status import get_access_status
from tests.database import without_triggers
from tests.lakeformation.simulated_catalog import NOW, build_access, build_wish
from tests.workers.mesh import Mesh
from workers.engine import unjustified_intents
from workers.engine.claim import Lease

FORGE_INTENT = """
INSERT INTO fulfilment_intent (kind, scope_key, subject, wanted, opened, moved_to, moved_at, effects, effects_hash,
  created_at, expires_at, generation)
SELECT kind, replace(scope_key, '{old}', '{new}'), 'item:999', replace(wanted::text, '{old}', '{new}')::jsonb, '[]', '', 0,
  replace(effects::text, '{old}', '{new}')::jsonb, effects_hash, created_at, created_at + interval '5 years', 1
  FROM fulfilment_intent WHERE id = {pk} RETURNING id
"""


def forge_intent(grant: Grant, old: str, new: str) -> Intent:
    """What got past the triggers, by whatever way: a live intent like that of a grant, for another role."""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(FORGE_INTENT.format(pk=grant.intent_id, old=old, new=new))
        pk = cursor.fetchone()[0]
    return Intent.objects.get(pk=pk)


def run_statement(statement: str) -> None:
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(statement)


def is_sent(intent: int) -> bool:
    return Step.objects.filter(entries__intents__contains=[intent], sent_at__isnull=False).exists()


def test_a_forged_intent_is_refused_told_once_and_holds_up_nothing(mesh: Mesh) -> None:
    grant = mesh.grant()
    forged = forge_intent(grant, grant.principal.name, "attacker")
    intent = mesh.run_until_presence(grant, "present")
    mesh.run_rounds()
    mesh.run_rounds()
    row = Intent.objects.get(pk=forged.pk)
    assert intent.is_proven
    assert is_sent(grant.intent_id)
    assert not is_sent(forged.pk)
    assert (row.presence, row.failure) == ("unknown", "Unjustified: no grant owns it.")
    event = Event.objects.get(verb="refuse_intent")
    assert (event.subject, event.data["reason"]) == (f"intent:{forged.pk}", row.failure)
    found = DriftFinding.objects.get(kind=DifferenceKind.UNJUSTIFIED)
    assert (found.intents, found.gone_at) == ([forged.pk], None)


TAMPERED = {
    "its decision is another": "UPDATE requests_decision SET answer = 'reject' WHERE item_id = {item}",
    "its decision is of the one who asks": "UPDATE requests_decision SET effects_hash = 'x' WHERE item_id = {item}",
    "the rules want more": 'UPDATE requests_requestitem SET verdict = \'{{"needs": [{{"role": "privacy", "quorum": 1}}]}}\' WHERE id = {item}',
    "its effects are others": "UPDATE fulfilment_intent SET effects = effects || '{{\"more\": 1}}' WHERE id = {intent}",
    "it wants something else": 'UPDATE fulfilment_intent SET wanted = wanted || \'{{"table": "other"}}\' WHERE id = {intent}',
    "it lasts longer": "UPDATE fulfilment_intent SET expires_at = expires_at + interval '5 years' WHERE id = {intent}",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
def test_an_intent_whose_rows_were_rewritten_is_refused_and_its_grant_has_failed(
    mesh: Mesh, statement: str
) -> None:
    grant = mesh.grant()
    run_statement(statement.format(item=grant.item_id, intent=grant.intent_id))
    mesh.run_rounds()
    assert not is_sent(grant.intent_id)
    told = get_access_status(Grant.objects.get(pk=grant.pk))
    assert (told.display_state.state, told.display_state.reason) == ("failed", "unjustified")
    assert told.sentence.startswith("Unjustified: ")


def test_a_revoked_grant_that_was_revived_is_not_healed_but_goes_once_it_ends(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    before = Step.objects.filter(sent_at__isnull=False).count()
    run_statement(
        f"UPDATE fulfilment_intent SET ended_at = NULL, generation = generation + 1 WHERE id = {grant.intent_id}"
    )
    mesh.run_rounds()
    assert Step.objects.filter(sent_at__isnull=False).count() == before
    assert mesh.get_intent(grant).failure == "Unjustified: it would last longer than its grant."
    run_statement(
        f"UPDATE fulfilment_intent SET ended_at = now(), generation = generation + 1 WHERE id = {grant.intent_id}"
    )
    mesh.run_until_presence(grant, "absent")


def test_removals_go_on_beside_what_is_refused(mesh: Mesh) -> None:
    grant, other = mesh.grant(), mesh.grant(account=PARTNER)
    mesh.run_until_presence(grant, "present")
    mesh.run_until_presence(other, "present")
    forge_intent(grant, grant.principal.name, "attacker")
    mesh.run_rounds()
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")


def test_one_statement_asks_for_all_of_a_scope(mesh: Mesh) -> None:
    intents = [mesh.get_intent(mesh.grant()), mesh.get_intent(mesh.grant(account=PARTNER))]
    with CaptureQueriesContext(connection) as asked:
        assert find_unjustified(intents) == {}
    assert len(asked) == 1


def test_subgrants_are_refused_with_their_account_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unjustified_intents, "find_unjustified", lambda _intents: {1: "no decision"})
    monkeypatch.setattr(unjustified_intents, "record_unjustified", lambda *_given: None)
    lease = Lease(scope=Scope(), epoch=1, owner="one", began_at=NOW, now=NOW)
    wishes = [
        build_wish(number, build_access("id", account_grant=of)) for number, of in ((1, 0), (2, 1), (3, 9))
    ]
    intents = {number: Intent(pk=number) for number in (1, 2, 3)}
    assert unjustified_intents.refuse_unjustified(lease, wishes, intents) == {1, 2}
