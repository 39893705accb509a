"""Who may give and use standing consents, and open, confirm, end and review sessions."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.products.may import list_data_owner_ids
from catalog.products.models import Domain
from identity.accounts import Account
from identity.people.may import get_team_ids, get_team_ids_with_role, is_member
from identity.people.models import Membership, Person
from identity.role_changes.bars import (
    OWNER,
    DecisionBasis,
    filter_unbarred,
    may_decide_on_basis,
    may_decide_row,
)
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.break_glass.states import BreakGlassState
from requests_app.submission.may import may_submit_access_request


def may_give_consent(
    person: Person, domain: Domain, parties: Sequence[int] = (), account: Account | None = None
) -> Verdict:
    """A data owner of the domain, unless a recent role change bars them. `parties`: ids of the people whom the consent names;
    `account`: the one that would read.
    """
    if not (verdict := may_answer_for_consents(person, domain)):
        return verdict
    rests_on = {"domain": [domain.pk], "account": [account.pk] if account else []}
    teams = [account.team_id] if account else []
    basis = DecisionBasis(OWNER, domain.owner_team_id, None, parties, teams, rests_on)
    return may_decide_on_basis(person, basis)


def may_answer_for_consents(person: Person, domain: Domain) -> Verdict:
    """A data owner of the domain: neither governance nor a superuser."""
    if person.is_active and domain.owner_team_id in get_team_ids_with_role(
        person, Membership.Role.DATA_OWNER
    ):
        return ALLOWED
    return refusal(_("Only a data owner of the domain can give consent."))


def may_revoke_consent(person: Person, consent: BreakGlassConsent) -> Verdict:
    """Any data owner of the domain, at any time."""
    return may_answer_for_consents(person, consent.domain)


def may_open_break_glass_session(person: Person, consent: BreakGlassConsent, now: datetime) -> Verdict:
    """The person whom the consent names, while it is valid and they may request access for its principal."""
    if person.pk != consent.recipient_id:
        return refusal(_("The consent names another person."))
    if not (held := may_use_consent(consent, now)):
        return held
    principal = consent.principal
    return may_submit_access_request(person, principal.account.team, principal)


def may_confirm_break_glass_session(person: Person, session: BreakGlassSession, now: datetime) -> Verdict:
    """The second person whom the consent names, in time and while the consent is valid."""
    consent = session.consent
    if not person.is_active or person.pk != consent.confirmer_id or person.pk == session.started_by_id:
        return refusal(_("The consent names another person as the second person."))
    if now >= session.expires_at:
        return refusal(
            _("It was not confirmed in time. A data owner decides on it now, like on any other request.")
        )
    if not is_member(person, consent.principal.account.team):
        return refusal(_("You have left the team whose account reads the data."))
    verdict = may_use_consent(consent, now)
    return may_decide_row(person, session, "confirmed_by") if verdict else verdict


def may_end_break_glass_session(person: Person, session: BreakGlassSession) -> Verdict:
    """A data owner of the domain, or whoever opened it."""
    if person.is_active and person.pk == session.started_by_id:
        return ALLOWED
    return may_answer_for_consents(person, session.consent.domain)


def may_review_break_glass_session(person: Person, session: BreakGlassSession) -> Verdict:
    """A data owner of the domain who neither opened nor confirmed it, and who does not belong to the team that reads,
    nor did when it was opened.
    """
    if person.pk in {session.started_by_id, session.confirmed_by_id}:
        return refusal(_("You took part in this session. Another data owner has to review it."))
    if session.request.team_id in get_team_ids(person) or person.pk in session.request.member_ids:
        return refusal(_("It was opened for one of your teams. Another data owner has to review it."))
    verdict = may_answer_for_consents(person, session.consent.domain)
    return may_decide_row(person, session, "reviewed_by") if verdict else verdict


def list_reviewers(session: BreakGlassSession) -> list[int]:
    """Ids of the data owners who may review it."""
    owners = list_data_owner_ids(session.consent.domain, without=session.started_by_id)
    insiders = Membership.objects.filter(team=session.request.team_id).values_list("person", flat=True)
    barred = {session.confirmed_by_id, *insiders, *session.request.member_ids}
    return filter_unbarred([pk for pk in owners if pk not in barred], session, "reviewed_by")


def may_use_consent(consent: BreakGlassConsent, now: datetime) -> Verdict:
    """Whether the consent is valid: neither revoked nor expired, and given by a present data owner of the domain."""
    if consent.withdrawn_at is not None:
        return refusal(_("The consent was revoked."))
    if consent.until <= now:
        return refusal(_("The consent has expired."))
    if not may_answer_for_consents(consent.granted_by, consent.domain):
        return refusal(
            _(
                "The person who gave the consent is no longer a data owner of the domain. A new consent is needed."
            )
        )
    return ALLOWED


def is_confirmable(session: BreakGlassSession, now: datetime) -> bool:
    """Whether it can still be confirmed."""
    return session.state == BreakGlassState.REQUESTED and now < session.expires_at
