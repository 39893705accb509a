"""The evidence of an access review: each item with its decision, and the audit seals that hold it."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from audit.models import Event
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.grants.approvers import list_approvers
from requests_app.grants.usage import get_last_uses


def compute_evidence_digest(access_review: AccessReview) -> str:
    """SHA-256 of what was decided, item by item, kept by the closing event. Proofs of ends come later."""
    rows = access_review.lines.order_by("pk").values_list(
        "grant", "state", "decided_by", "until", "reason", "event__digest"
    )
    values = [[str(value) for value in row] for row in rows]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()


def build_access_review_evidence(access_review: AccessReview) -> dict[str, Any]:
    """The access review itself: its scope, who started it, and its two events in the audit log."""
    closing = access_review.closing_event
    return {
        "access_review": access_review.pk,
        "name": access_review.name,
        "state": access_review.state,
        "started_by": access_review.started_by.name,
        "started_at": access_review.started_at.isoformat(),
        "due_at": access_review.due_at.isoformat(),
        "domain": access_review.domain.slug if access_review.domain else "",
        "product": access_review.product.slug if access_review.product else "",
        "account": access_review.account.account_id if access_review.account else "",
        "classification": access_review.classification,
        "unused_days": access_review.unused_days,
        "started": build_chain_link(access_review.event),
        "closed": build_chain_link(closing),
        "evidence": closing.data.get("evidence", "") if closing else "",
    }


def build_review_item_evidence(review_items: Iterable[AccessReviewItem]) -> list[dict[str, Any]]:
    """A flat value for each item, with the same keys. Four queries besides."""
    rows = list(review_items)
    words = list_approvers([line.grant.item_id for line in rows])
    uses = get_last_uses([line.grant for line in rows])
    return [
        _build_item(line, "; ".join(words.get(line.grant.item_id, ())), uses[line.grant_id].used_at)
        for line in rows
    ]


def build_chain_link(event: Event | None) -> dict[str, Any]:
    """The event's digest, and its link in the chain of seals: empty until the sealer has come by."""
    seal = getattr(event, "seal", None)
    return {
        "event": event.pk if event else None,
        "digest": event.digest if event else "",
        "seal": seal.seq if seal else None,
        "hash": seal.hash if seal else "",
    }


def _build_item(review_item: AccessReviewItem, approved_by: str, used_at: datetime | None) -> dict[str, Any]:
    grant, item, intent = review_item.grant, review_item.grant.item, review_item.grant.intent
    evidence = intent.evidence if intent.is_proven else None
    return {
        "line": review_item.pk,
        "grant": grant.pk,
        "data": item.name,
        "product": item.product.slug if item.product else "",
        "columns": " ".join(item.columns) or ("all" if item.target.shows_data else "metadata"),
        "row_filter": item.row_filter,
        "principal": grant.principal.arn,
        "account": grant.principal.account.account_id,
        "requested_by": item.requester.name,
        "answers": "; ".join(f"{name}: {answer}" for name, answer in sorted(item.answers.items())),
        "approved_by": approved_by,
        "granted_at": grant.granted_at.isoformat(),
        "ends_at": grant.ends_at.isoformat(),
        "last_used_at": used_at.isoformat() if used_at else "",
        "answer": review_item.state,
        "decided_by": review_item.decided_by.name if review_item.decided_by else "",
        "decided_at": review_item.decided_at.isoformat() if review_item.decided_at else "",
        "reason": review_item.reason,
        "until": review_item.until.isoformat() if review_item.until else "",
        "grant_state": grant.state,
        "ended_at": grant.ended_at.isoformat() if grant.ended_at else "",
        "presence": intent.presence,
        "proof_round": evidence.pk if evidence else "",
        "proven_at": intent.seen_at.isoformat() if evidence and intent.seen_at else "",
        **build_chain_link(review_item.event),
    }
