"""The text, kind and recipients of a notification, by audit verb."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from decisions.kinds import iterate_decided_kinds
from fulfilment.messages import translate_message
from lakeformation.values.messages import MessageTemplate, gettext_noop, message
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.product_event_templates import PRODUCT_EVENT_TEMPLATES
from requests_app.notifications.template_values import SUBJECT_PAGE, EventTemplate, RecipientSide

REQUESTER, RESPONSIBLE, DECIDERS, DATA_OWNERS, ACCOUNT_ADMINS = (
    RecipientSide.REQUESTER,
    RecipientSide.RESPONSIBLE,
    RecipientSide.DECIDERS,
    RecipientSide.DATA_OWNERS,
    RecipientSide.ACCOUNT_ADMINS,
)
COMMENTERS, GOVERNANCE, NAMED = RecipientSide.COMMENTERS, RecipientSide.GOVERNANCE, RecipientSide.NAMED

EVENT_TEMPLATES: dict[str, EventTemplate] = {
    **PRODUCT_EVENT_TEMPLATES,
    "submit_access_request": EventTemplate(NotificationKind.SUBMITTED, _("%(actor)s requests %(what)s for %(team)s."), (DECIDERS,)),
    "submit_access_request_by_tags": EventTemplate(
        NotificationKind.SUBMITTED, _("%(actor)s requests everything with %(what)s for %(team)s."), (DECIDERS,)
    ),
    "submit_access_request_for_database": EventTemplate(
        NotificationKind.SUBMITTED, _("%(actor)s requests %(what)s, including future tables, for %(team)s."), (DECIDERS,)
    ),
    "resubmit_item": EventTemplate(NotificationKind.SUBMITTED, _("%(actor)s changed the request for %(what)s for %(team)s."), (DECIDERS,)),
    "approve_item": EventTemplate(NotificationKind.DECIDED, _("%(actor)s approved %(what)s for %(team)s."), (REQUESTER, RESPONSIBLE, ACCOUNT_ADMINS)),
    "agree_to_item": EventTemplate(
        NotificationKind.SUBMITTED, _("%(actor)s approved %(what)s for %(team)s. Others have to approve it too."), (DECIDERS,)
    ),
    "approve_item_by_policy": EventTemplate(
        NotificationKind.DECIDED, _("%(what)s for %(team)s was approved automatically, by a policy of %(actor)s."), (REQUESTER, DATA_OWNERS)
    ),
    "approve_item_under_offer": EventTemplate(
        NotificationKind.DECIDED,
        _("%(what)s for %(team)s was approved automatically, under an offer of %(actor)s."),
        (REQUESTER, DATA_OWNERS),
    ),
    "reject_item": EventTemplate(NotificationKind.DECIDED, _("%(actor)s rejected %(what)s for %(team)s."), (REQUESTER,)),
    "request_changes": EventTemplate(
        NotificationKind.DECIDED, _("%(actor)s asks you to change your request for %(what)s."), (REQUESTER,)
    ),
    "comment_on_item": EventTemplate(
        NotificationKind.COMMENTED, _("%(actor)s commented on the request for %(what)s for %(team)s."), (REQUESTER, COMMENTERS)
    ),
    "assign_decision": EventTemplate(
        NotificationKind.SUBMITTED, _("%(actor)s assigned a decision to you: %(what)s."), (NAMED,), SUBJECT_PAGE
    ),
    "mention_people": EventTemplate(
        NotificationKind.COMMENTED, _("%(actor)s mentioned you in a comment: %(what)s."), (NAMED,), SUBJECT_PAGE
    ),
    "comment_on_decision": EventTemplate(
        NotificationKind.COMMENTED, _("%(actor)s commented on a decision: %(what)s."), (NAMED,), SUBJECT_PAGE
    ),
    "withdraw_item": EventTemplate(
        NotificationKind.COMMENTED, _("%(actor)s withdrew the request for %(what)s for %(team)s."), (DECIDERS,)
    ),
    "close_retired_item": EventTemplate(
        NotificationKind.DECIDED, _("The request for %(what)s was closed, because its data product is retired."), (REQUESTER, DECIDERS)
    ),
    "proved_present": EventTemplate(
        NotificationKind.ACTIVATED, _("%(team)s has access to %(what)s: it was read back from AWS."), (REQUESTER,)
    ),
    "revoke_grant": EventTemplate(
        NotificationKind.ENDED, _("%(actor)s revoked the access to %(what)s for %(team)s."), (REQUESTER, RESPONSIBLE, DATA_OWNERS, ACCOUNT_ADMINS)
    ),
    "expire_grant": EventTemplate(
        NotificationKind.ENDED, _("The access to %(what)s for %(team)s has ended."), (REQUESTER, RESPONSIBLE, ACCOUNT_ADMINS)
    ),
    "warn_expiry": EventTemplate(NotificationKind.ENDED, _("The access to %(what)s for %(team)s ends soon."), (REQUESTER, RESPONSIBLE, ACCOUNT_ADMINS)),
    "start_access_review": EventTemplate(
        NotificationKind.ACCESS_REVIEW,
        _("%(actor)s asks whether the access to %(what)s is still needed. It ends unless a data owner keeps it."),
        (DATA_OWNERS, REQUESTER, RESPONSIBLE),
    ),
    "keep_grant": EventTemplate(
        NotificationKind.ACCESS_REVIEW, _("%(actor)s confirmed that the access to %(what)s for %(team)s is still needed."), (REQUESTER,)
    ),
    "open_break_glass_session": EventTemplate(
        NotificationKind.BREAK_GLASS,
        _("%(actor)s requests break-glass access to %(what)s for %(team)s. A second person has to confirm it."),
        (DATA_OWNERS, ACCOUNT_ADMINS, GOVERNANCE, RecipientSide.NAMED),
    ),
    "confirm_break_glass_session": EventTemplate(
        NotificationKind.BREAK_GLASS,
        _("%(actor)s confirmed break-glass access to %(what)s for %(team)s. You can end it at once."),
        (REQUESTER, DATA_OWNERS, ACCOUNT_ADMINS, GOVERNANCE),
    ),
    "end_break_glass_session": EventTemplate(
        NotificationKind.BREAK_GLASS, _("%(actor)s ended break-glass access to %(what)s for %(team)s."), (REQUESTER, DATA_OWNERS, ACCOUNT_ADMINS)
    ),
    "review_break_glass_session": EventTemplate(
        NotificationKind.BREAK_GLASS, _("%(actor)s reviewed break-glass access to %(what)s: %(reason)s"), (REQUESTER, DATA_OWNERS, GOVERNANCE)
    ),
    "proved_absent": EventTemplate(
        NotificationKind.ENDED, _("The access to %(what)s for %(team)s is removed: this was verified in AWS."), (DATA_OWNERS,)
    ),
    "proved_stale": EventTemplate(
        NotificationKind.FAILED, _("%(what)s for %(team)s is no longer as approved: %(reason)s"), (REQUESTER, DATA_OWNERS)
    ),
    "fail_intent": EventTemplate(
        NotificationKind.FAILED,
        _("%(what)s for %(team)s could not be applied in AWS: %(reason)s"),
        (REQUESTER, DATA_OWNERS, GOVERNANCE),
    ),
    "refuse_intent": EventTemplate(
        NotificationKind.FAILED, _("Security incident: the workers refused %(what)s. %(reason)s"), (NAMED,), "machine"
    ),
    "refuse_request": EventTemplate(
        NotificationKind.FAILED, _("Security incident: the workers refused %(what)s. %(reason)s"), (NAMED,), "machine"
    ),
    "hold_column": EventTemplate(
        NotificationKind.FAILED, _("%(what)s for %(team)s is on hold: %(reason)s"), (DATA_OWNERS, GOVERNANCE)
    ),
    "found_drift": EventTemplate(
        NotificationKind.DRIFT_FOUND,
        _("The access to %(what)s for %(team)s was changed outside the portal: %(reason)s"),
        (DATA_OWNERS, ACCOUNT_ADMINS),
    ),
    "remind_deciders": EventTemplate(
        NotificationKind.OVERDUE, _("%(what)s for %(team)s waits for your decision and is overdue."), (DECIDERS,)
    ),
    "escalate_item": EventTemplate(
        NotificationKind.OVERDUE,
        _("%(what)s for %(team)s has waited for a decision twice as long as promised."),
        (GOVERNANCE, REQUESTER),
    ),
    "report_leavers_request": EventTemplate(
        NotificationKind.FAILED,
        _("%(reason)s has left. Their request for %(what)s waits until someone from %(team)s takes it over or closes it."),
        (RecipientSide.TEAM,),
    ),
    "report_leavers_grant": EventTemplate(
        NotificationKind.FAILED,
        _("%(reason)s has left. Their access to %(what)s for %(team)s is active: revoke it, or have the team take it over."),
        (DATA_OWNERS, RecipientSide.TEAM),
    ),
    "end_left_service_token": EventTemplate(
        NotificationKind.FAILED,
        _("The token for %(what)s of %(team)s has ended, because %(reason)s left the team. Create a new one if the service still runs."),
        (NAMED,),
        "tokens",
    ),
    "take_over_request": EventTemplate(
        NotificationKind.COMMENTED, _("%(actor)s of %(team)s took over the request of %(reason)s for %(what)s."), (DATA_OWNERS,)
    ),
    "delegate_decisions": EventTemplate(
        NotificationKind.DELEGATED, _("%(actor)s delegated decisions in %(team)s to you: %(reason)s."), (NAMED,), "delegations"
    ),
    "end_delegation": EventTemplate(
        NotificationKind.DELEGATED, _("%(actor)s ended a delegation in %(team)s."), (NAMED,), "delegations"
    ),
    "name_responsible_person": EventTemplate(
        NotificationKind.DELEGATED, _("%(actor)s made you the responsible person for the service role %(what)s of %(team)s."), (NAMED,), "access"
    ),
    "find_broken_chain": EventTemplate(
        NotificationKind.FAILED,
        _("The audit chain is broken: someone changed or removed records. %(reason)s"),
        (NAMED,),
        "health",
        is_alarm=True,
    ),
    "report_vacancy": EventTemplate(
        NotificationKind.ROLE_CHANGED, _("Nobody can decide: %(what)s Appoint somebody."), (NAMED,), "role-changes"
    ),
    "deactivate_person": EventTemplate(
        NotificationKind.ROLE_CHANGED, _("%(actor)s deactivated a person. %(what)s."), (NAMED,), "role-changes"
    ),
    "find_search_results": EventTemplate(
        NotificationKind.SAVED_SEARCH, _("New results of your saved search “%(what)s”: %(count)s."), (NAMED,), "saved-search"
    ),
    "stop_search_alert": EventTemplate(
        NotificationKind.SAVED_SEARCH,
        _("The alert of your saved search “%(what)s” was turned off, because it contains a filter that no longer exists."),
        (NAMED,),
        "saved-search",
    ),
    "request_password_reset": EventTemplate(
        NotificationKind.SECURITY,
        _("Somebody asked for a link to reset your password. If it wasn't you, ignore the mail: your password stays the same."),
        (NAMED,),
        "profile",
    ),
    "change_password": EventTemplate(
        NotificationKind.SECURITY,
        _("Your password was changed. If it wasn't you, reset it and tell a governance admin."),
        (NAMED,),
        "profile",
        tells_actor=True,
    ),
    "reset_password": EventTemplate(
        NotificationKind.SECURITY,
        _("Your password was reset by a link in a mail. If it wasn't you, reset it again and tell a governance admin."),
        (NAMED,),
        "profile",
        tells_actor=True,
    ),
    "approve_term_proposal": EventTemplate(
        NotificationKind.DECIDED, _("%(actor)s approved your proposal for the term “%(what)s”. %(reason)s"), (NAMED,), "glossary-proposal"
    ),
    "reject_term_proposal": EventTemplate(
        NotificationKind.DECIDED, _("%(actor)s rejected your proposal for the term “%(what)s”: %(reason)s"), (NAMED,), "glossary-proposal"
    ),
    "find_different_rows": EventTemplate(
        NotificationKind.DRIFT_FOUND, _("The registered table %(what)s does not give the rows of its source: %(reason)s"), (NAMED,), "registration"
    ),
    "find_recreated_table": EventTemplate(
        NotificationKind.SUBMITTED,
        _("%(what)s was deleted and created again, by %(reason)s. Decide whether its grants are kept: %(count)s."),
        (NAMED,),
        "recreated-table",
    ),
    "finish_crawler_run": EventTemplate(
        NotificationKind.COMMENTED, _("The crawler %(what)s has ended. Tables found: %(count)s."), (NAMED,), "crawler-run"
    ),
    "fail_crawler_run": EventTemplate(
        NotificationKind.FAILED, _("The crawler %(what)s did not succeed: %(reason)s"), (NAMED,), "crawler-run"
    ),
    "found_widening": EventTemplate(
        NotificationKind.DRIFT_FOUND, _("%(team)s can see more of %(what)s than was approved: %(reason)s"), (DATA_OWNERS,)
    ),
}  # fmt: skip


_TABLE, _TABLES = message(gettext_noop("%(n)d table")), message(gettext_noop("%(n)d tables"))
_NAMES = frozenset({"actor", "team"})
"""Values that are names, in whatever words."""


def translate_notification(verb: str, text: str) -> str:
    """The text of a notification of such an event, which is stored in English, in the reader's language. As it is where the template
    has changed since.
    """
    template = find_event_template(verb)
    if template is None:
        return text
    with translation.override(settings.LANGUAGE_CODE):
        source = MessageTemplate(str(template.text))
    if (values := source.find_values(text)) is None:
        return text
    translated = {
        name: value if name in _NAMES else translate_message(str(value)) for name, value in values.items()
    }
    return str(template.text) % translated


def find_event_template(verb: str) -> EventTemplate | None:
    """None where nobody is told. Kinds of decisions have their own texts."""
    for kind in iterate_decided_kinds():
        if text := kind.texts.get(verb):
            is_decided = verb != kind.verbs.request and verb in vars(kind.verbs).values()
            chosen = kind.topic or (NotificationKind.DECIDED if is_decided else NotificationKind.SUBMITTED)
            return EventTemplate(
                NotificationKind(chosen), text, (NAMED,), kind.told_page or kind.page or kind.listing
            )
    return EVENT_TEMPLATES.get(verb)
