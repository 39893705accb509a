"""Who approved a grant."""

from collections.abc import Collection

from django.db.models import F
from django.utils.translation import gettext as _

from requests_app.access_requests.models import Decision


def list_approvers(items: Collection[int]) -> dict[int, tuple[str, ...]]:
    """By granted item, everybody whose approval its grant needed, in the order of their decisions. One query."""
    decisions = Decision.objects.filter(
        item__in=items, answer=Decision.Answer.APPROVE, effects_hash=F("item__grant__effects_hash")
    )
    words: dict[int, tuple[str, ...]] = {}
    for decision in decisions.select_related("decided_by", "on_behalf_of").order_by("pk"):
        words[decision.item_id] = (*words.get(decision.item_id, ()), _describe_approver(decision))
    return words


def _describe_approver(decision: Decision) -> str:
    if decision.by_rule_id:
        return _("%(name)s, by a policy") % {"name": decision.by_whom}
    if decision.by_offer_id:
        return _("%(name)s, by an offer") % {"name": decision.by_whom}
    if decision.by_consent_id:
        return _("%(name)s, by a consent") % {"name": decision.by_whom}
    return decision.by_whom
