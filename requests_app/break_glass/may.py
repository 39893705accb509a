"""Who may give a standing consent, and take access under one, confirm, end and review it."""

from datetime import datetime

from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.may import is_member, teams_as, teams_of
from identity.people.models import Membership, Person
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.break_glass.models import BreakGlass, StandingConsent
from requests_app.break_glass.states import BreakGlassState
from requests_app.submission.may import may_submit_request


def may_give_consent(person: Person, domain: Domain) -> Verdict:
    """A data owner of the domain: neither governance nor a superuser."""
    if person.is_active and domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    return refused(_("Only a data owner of the domain can give consent."))


def may_withdraw_consent(person: Person, consent: StandingConsent) -> Verdict:
    """Any data owner of the domain, at any time."""
    return may_give_consent(person, consent.domain)


def may_take_break_glass(person: Person, consent: StandingConsent, now: datetime) -> Verdict:
    """The one whom the consent names, while it holds, and while they may still ask for its principal."""
    if person.pk != consent.taker_id:
        return refused(_("The consent names another person."))
    if not (held := judge_consent(consent, now)):
        return held
    principal = consent.principal
    return may_submit_request(person, principal.account.team, principal)


def may_confirm_break_glass(person: Person, session: BreakGlass, now: datetime) -> Verdict:
    """The second person whom the consent names, within the time for it, while the consent holds."""
    consent = session.consent
    if not person.is_active or person.pk != consent.second_id or person.pk == session.taken_by_id:
        return refused(_("The consent names another person as the second person."))
    if now >= session.lapses_at:
        return refused(
            _("It was not confirmed in time. A data owner decides on it now, like on any other request.")
        )
    if not is_member(person, consent.principal.account.team):
        return refused(_("You have left the team whose account reads the data."))
    return judge_consent(consent, now)


def may_end_break_glass(person: Person, session: BreakGlass) -> Verdict:
    """A data owner of the domain, or whoever took it."""
    if person.is_active and person.pk == session.taken_by_id:
        return ALLOWED
    return may_give_consent(person, session.consent.domain)


def may_review_break_glass(person: Person, session: BreakGlass) -> Verdict:
    """A data owner of the domain whose name does not stand on it, and who does not belong to the team that reads, nor did
    when it was taken.
    """
    if person.pk in {session.taken_by_id, session.confirmed_by_id}:
        return refused(_("You took part in this session. Another data owner has to review it."))
    if session.request.team_id in teams_of(person) or person.pk in session.request.member_ids:
        return refused(_("It was opened for one of your teams. Another data owner has to review it."))
    return may_give_consent(person, session.consent.domain)


def judge_consent(consent: StandingConsent, now: datetime) -> Verdict:
    """Whether the consent is in force: not withdrawn, not over, and its giver still answers for the domain."""
    if consent.withdrawn_at is not None:
        return refused(_("The consent was revoked."))
    if consent.until <= now:
        return refused(_("The consent has expired."))
    if not may_give_consent(consent.given_by, consent.domain):
        return refused(
            _(
                "The person who gave the consent is no longer a data owner of the domain. A new consent is needed."
            )
        )
    return ALLOWED


def is_confirmable(session: BreakGlass, now: datetime) -> bool:
    """Whether it can still be confirmed."""
    return session.state == BreakGlassState.ASKED and now < session.lapses_at
