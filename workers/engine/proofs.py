"""Writes the observed half of intents: what a reading proves, at the generation that was planned."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit.actions import record_events
from audit.models import Event
from fulfilment.intents.failures import REFUSED
from fulfilment.intents.models import Intent
from fulfilment.rounds import Round
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import DesiredState, IntentSpec

REFUSED_PREREQUISITE_PREFIXES = (f"{REFUSED} to make the data cells filter", f"{REFUSED} to register")
"""Prefixes of `failure` where AWS refused a filter or location that a share scope waits for."""
STORE_PROOFS = """
UPDATE fulfilment_intent i
   SET presence = p.presence, proven_generation = i.generation, evidence_id = %s, seen_at = %s,
       usable = p.usable, failure = p.failure
  FROM unnest(%s::bigint[], %s::text[], %s::boolean[], %s::text[]) AS p (id, presence, usable, failure)
 WHERE i.id = p.id
"""
MARK_UNKNOWN = """
UPDATE fulfilment_intent i
   SET presence = 'unknown', proven_generation = 0, usable = NULL, failure = d.reason
  FROM unnest(%s::bigint[], %s::text[]) AS d (id, reason)
 WHERE i.id = d.id AND (i.presence, i.failure) IS DISTINCT FROM ('unknown', d.reason)
"""
# Rows are locked in id order: an action of a person may lock several intents at once.
WRITE_FAILURES = """
UPDATE fulfilment_intent i SET failure = w.reason
  FROM (SELECT i.id, t.reason
          FROM fulfilment_intent i
          JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS t (id, generation, reason)
            ON t.id = i.id AND t.generation = i.generation
         ORDER BY i.id FOR UPDATE OF i) w
 WHERE i.id = w.id
"""


def find_proven_presences(
    specs: Iterable[IntentSpec], desired: DesiredState, plan: Plan, *, now: datetime
) -> dict[int, Intent.Presence]:
    """The proven presence of each intent that the plan does not change."""
    touched = plan.affected_intents
    presences = {}
    for spec in specs:
        if spec.intent_id in touched:
            continue
        if not spec.is_live(now):
            presences[spec.intent_id] = Intent.Presence.ABSENT
        elif spec.intent_id in desired.stale_reasons:
            presences[spec.intent_id] = Intent.Presence.STALE
        else:
            presences[spec.intent_id] = Intent.Presence.PRESENT
    return presences


@dataclass(frozen=True)
class Proof:
    """The proven presence of an intent. `failure` is the reason of a stale one; for `usable` see `is_usable`. `evidence` is
    what beside the permissions proves it.
    """

    intent: Intent
    presence: Intent.Presence
    usable: bool | None
    failure: str
    evidence: str = ""


def is_proven_present(intent: Intent) -> bool:
    """Whether the intent is proven present as it is wanted now."""
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven


def changes_intent(proof: Proof) -> bool:
    """Whether the proof changes the intent's row. An unchanged scan writes nothing."""
    intent = proof.intent
    seen = (intent.presence, intent.proven_generation, intent.usable, intent.failure)
    return seen != (proof.presence, intent.generation, proof.usable, proof.failure)


def is_usable(spec: IntentSpec, presence: Intent.Presence, observation: Observation) -> bool | None:
    """Whether a present access can be used; None if it is not present, or if it is not known which rows it shows."""
    if presence != Intent.Presence.PRESENT:
        return None
    access = spec.access
    is_guarded = access.opt_in is not None or not observation.is_hybrid(access)
    is_open = observation.is_registered(access) and is_guarded and not observation.is_open_to_iam(access)
    return None if is_open and observation.get_row_doubt(access) else is_open


def store_proofs(
    proofs: Iterable[Proof], row: Round, *, now: datetime, successors: Collection[int] = frozenset()
) -> None:
    """Mark the intents at the generation that was planned, in a handful of statements however many they are; one that has
    changed since is left as it is. `successors` take over permissions of ended intents; this reading proves that they are
    there.
    """
    by_id = {proof.intent.pk: proof for proof in proofs}
    locked = Intent.objects.select_for_update().filter(pk__in=[*by_id, *successors]).order_by("pk")
    generations = dict(locked.values_list("pk", "generation"))
    planned = {pk: one for pk, one in by_id.items() if generations.get(pk) == one.intent.generation}
    Intent.objects.filter(pk__in=successors, evidence=None).update(evidence=row)
    seen = [(pk, one.presence.value, one.usable, one.failure) for pk, one in sorted(planned.items())]
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(STORE_PROOFS, [row.pk, now, *map(list, zip(*seen, strict=True))])
    for presence in sorted({one.presence for one in planned.values()}):
        alike = [one for one in planned.values() if one.presence == presence]
        data = (_describe_proof(one, row) for one in alike)
        told = zip((one.intent.subject for one in alike), data, strict=True)
        record_events(verb=f"proved_{presence}", actor=f"engine:{row.owner}", entries=told, now=now)


def _describe_proof(proof: Proof, row: Round) -> dict[str, Any]:
    evidence = {"evidence": proof.evidence} if proof.evidence else {}
    return {"intent": proof.intent.pk, "round": row.pk, "reason": proof.failure} | evidence


def mark_unknown(doubts: Iterable[tuple[int, str]], *, verb: str, owner: str, now: datetime) -> None:
    """Mark intents *unknown* until the next proof. `doubts` are ids of intents with reasons; the last
    reason of an intent is stored. The number of statements is constant.

    `verb` (found_drift, could_not_read, replaced) goes on the record once, however often the reason is met again.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for pk, reason in doubts:
        reasons[pk].append(reason)
    if not reasons:
        return
    locked = Intent.objects.select_for_update().filter(pk__in=reasons).order_by("pk")
    rows = list(locked.values_list("pk", "presence", "subject"))
    with connection.cursor() as cursor:
        cursor.execute(MARK_UNKNOWN, [[pk for pk, *_ in rows], [reasons[pk][-1] for pk, *_ in rows]])
    told = [
        (subject, {"intent": pk, "found": reasons[pk][0]})
        for pk, presence, subject in rows
        if presence != Intent.Presence.UNKNOWN
    ]
    record_events(verb=verb, actor=f"engine:{owner}", entries=told, now=now)


def record_failures(failures: Mapping[int, str], *, owner: str, now: datetime) -> None:
    """Put refusals of AWS on the record, by intent, once for each cause, however many rounds meet it; not what is tried
    again without a person.
    """
    refused = {pk: reason for pk, reason in failures.items() if reason.startswith(REFUSED)}
    intents = list(Intent.objects.filter(pk__in=refused).order_by("pk"))
    if not intents:
        return
    events = Event.objects.filter(verb="fail_intent", subject__in=[one.subject for one in intents])
    latest = {
        (data["intent"], data["generation"], data["found"]): at
        for data, at in events.order_by("pk").values_list("data", "at")
    }
    told = []
    for intent in intents:
        at = latest.get((intent.pk, intent.generation, refused[intent.pk]))
        if at is None or at < (intent.seen_at or intent.created_at):
            data = {"intent": intent.pk, "generation": intent.generation, "found": refused[intent.pk]}
            told.append((intent.subject, data))
    record_events(verb="fail_intent", actor=f"engine:{owner}", entries=told, now=now)


def is_prerequisite_refused(intent: Intent) -> bool:
    """Whether AWS refused the prerequisite that the intent waits for. This failure is kept, as it says more."""
    return intent.failure.startswith(REFUSED_PREREQUISITE_PREFIXES)


def write_failures(reasons: Iterable[tuple[Intent, str]]) -> None:
    """Write why intents are not proven yet, and nothing else of them; one statement."""
    new = [(one.pk, one.generation, reason) for one, reason in reasons if one.failure != reason]
    if new:
        with connection.cursor() as cursor:
            cursor.execute(WRITE_FAILURES, list(map(list, zip(*new, strict=True))))
