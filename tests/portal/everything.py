"""One of each thing that an address of asking and deciding names."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from audit import clock
from catalog.search.models import SavedSearch
from identity.people.models import Membership
from requests_app.notifications.models import Notice
from requests_app.policy_editing.actions import draft_policy
from requests_app.review.delegation.actions import delegate_decisions
from tests import factories
from tests.bank import Bank, approve, ask, asked_item
from tests.offering import write
from tests.requests_app.access_reviews.test_campaigns import start
from tests.requests_app.break_glass.test_break_glass import Scene
from tests.requests_app.notifications.projection_setup import tell
from tests.requests_app.policy_setup import AT_ONCE
from tests.requests_app.review.test_bulk_decisions import decide


def one_of_each(bank: Bank) -> dict[str, Any]:
    """Made by the verbs: its id, by the name of its address without `api-`."""
    now, dev, ben = clock.now(), factories.make_person("Dev Roth"), factories.make_person("Ben Frey")
    factories.join(bank.insurance, Membership.Role.DATA_OWNER, [dev])
    factories.join(bank.bi, Membership.Role.MEMBER, [ben])
    grant = approve(bank, asked_item(bank, submission_key="granted"))
    campaign = start(bank)
    other = factories.make_principal(bank.bi_account, "other")
    item = ask(bank, principal=other).items.get()
    scene = Scene(bank, ben)
    consent = scene.give()
    taken = scene.take(consent)
    times = {"starts_at": now, "ends_at": now + timedelta(days=3), "now": now}
    delegation = delegate_decisions(acting_user=bank.ines, team=bank.insurance, delegate=dev, **times)
    version = write(bank)
    draft = draft_policy(
        acting_user=bank.ines, domain=bank.domain, rules=[AT_ONCE], note="As agreed.", now=now
    )
    bulk = decide(bank, [item], "reject")
    tell()
    table, database, scope = bank.claims.pk, bank.claims.database_id, bank.domain.slug
    return {
        "search-delete": SavedSearch.objects.create(person=bank.ana, name="Mine", querystring="q=a", saved_at=now).pk,
        "offer-version": version.pk, "offer-in-force": version.pk, "offer-write": version.offer_id,
        "offer-withdraw": version.offer_id, "ask-database": database, "request": item.request_id, "take-over": item.request_id,
        "withdraw": item.pk, "change": item.pk, "comment": item.pk, "review": item.pk, "approve": item.pk,
        "reject": item.pk, "return": item.pk, "remarks": item.pk, "bulk": bulk.pk, "bulk-undo": bulk.pk,
        "notice": Notice.objects.filter(person=bank.ines).first().pk,  # type: ignore[union-attr]
        "delegation-end": delegation.pk, "use": grant.pk, "revoke": grant.pk, "grant": grant.pk, "holds": grant.pk,
        "standing": grant.pk, "look-again": grant.pk, "query-as-role": grant.pk, "consent-give": scope,
        "consent-withdraw": consent.pk, "break-glass-take": consent.pk, "break-glass-one": taken.pk,
        "break-glass-confirm": taken.pk, "break-glass-end": taken.pk, "break-glass-review": taken.pk,
        "campaign": campaign.pk, "campaign-answer": campaign.pk, "campaign-call-off": campaign.pk,
        "campaign-csv": campaign.pk, "campaign-json": campaign.pk, "campaign-lines": campaign.pk,
        "campaign-evidence": campaign.pk, "rules-of": scope, "what-if": scope, "rules-force": draft.pk,
        "rules-retire": draft.pk, "policy": scope, "policy-simulation": scope, "policy-force": draft.pk,
        "policy-retire": draft.pk, "basket": bank.bi.slug, "basket-items": bank.bi.slug, "basket-submit": bank.bi.slug,
        "table": table, "ask": table, "ask-ahead": table, "why": table, "product": bank.product.slug,
    }  # fmt: skip


def args_of(name: str, takes: tuple[str, ...], there: Mapping[str, Any], bank: Bank) -> dict[str, Any]:
    """Of the thing that stands there; KeyError for an address that nobody has thought of here."""
    short = name.removeprefix("api-")
    known = {
        "account_id": bank.bi_account.account_id,
        "slug": bank.product.slug,
        "catalog": bank.catalog.short_name,
    }
    if short.startswith("rules-"):
        known["slug"] = bank.domain.slug
    found = {one: known.get(one) for one in takes}
    last = next((one for one in takes if one in ("pk", "slug")), "")
    if "pk" in takes or (last and short in there):
        found["pk" if "pk" in takes else "slug"] = there[short]
    return found
