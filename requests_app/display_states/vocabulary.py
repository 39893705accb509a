"""The states that people see: the word, color and icon of each, and the reasons that may stand under it.

No other module and no template gives a state a color. `rules` says which state a thing is in.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Tone(StrEnum):
    """The classes of `static/css/components.css` that carry a color."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class State(StrEnum):
    """The values are the API's `state`."""

    WAITING_FOR_REVIEW = "waiting_for_review"
    APPLYING = "applying"
    ACTIVE = "active"
    ENDING = "ending"
    ENDED = "ended"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    NEEDS_ATTENTION = "needs_attention"
    FAILED = "failed"
    NOT_KNOWN = "not_known"


class Reason(StrEnum):
    """Which case of a state it is. The values are the API's `state_reason`."""

    NONE = ""
    NO_OWNER = "no_owner"
    REQUESTER_INACTIVE = "requester_inactive"
    PARTLY_APPROVED = "partly_approved"
    CHANGES_REQUESTED = "changes_requested"
    UNJUSTIFIED = "unjustified"
    EFFECTS_CHANGED = "effects_changed"
    ON_HOLD = "on_hold"
    UNREADABLE = "unreadable"
    READING_TOO_OLD = "reading_too_old"
    NEVER_READ = "never_read"
    PARTLY_READ = "partly_read"
    REFUSED_BY_AWS = "refused_by_aws"
    DRIFT_REPAIR = "drift_repair"
    LINK_NAME_TAKEN = "link_name_taken"
    NOT_USABLE = "not_usable"
    TO_BE_PASSED_ON = "to_be_passed_on"
    PASSING_ON = "passing_on"
    USABILITY_NOT_KNOWN = "usability_not_known"
    RESIDUAL_CREDENTIALS = "residual_credentials"
    OTHER_ACCESS_REMAINS = "other_access_remains"
    REMOVAL_ON_HOLD = "removal_on_hold"
    HELD_OUTSIDE = "held_outside"
    KNOWN = "known"
    MISSING = "missing"
    ROUNDS_FAIL = "rounds_fail"
    OPEN_FINDINGS = "open_findings"
    QUEUED = "queued"
    MANY_TABLES_MISSING = "many_tables_missing"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    KEPT = "kept"
    REVOKED = "revoked"
    NOT_CONFIRMED = "not_confirmed"
    ENDED_OTHERWISE = "ended_otherwise"
    SECOND_PERSON = "second_person"
    NOT_CONFIRMED_IN_TIME = "not_confirmed_in_time"
    TO_BE_REVIEWED = "to_be_reviewed"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Appearance:
    tone: Tone
    icon: str


LABELS = {
    State.WAITING_FOR_REVIEW: _("Waiting for review"),
    State.APPLYING: _("Applying"),
    State.ACTIVE: _("Active"),
    State.ENDING: _("Ending"),
    State.ENDED: _("Ended"),
    State.REJECTED: _("Rejected"),
    State.WITHDRAWN: _("Withdrawn"),
    State.NEEDS_ATTENTION: _("Needs attention"),
    State.FAILED: _("Failed"),
    State.NOT_KNOWN: _("Not known"),
}
APPEARANCES = {
    State.WAITING_FOR_REVIEW: Appearance(Tone.GREY, "wait"),
    State.APPLYING: Appearance(Tone.BLUE, "work"),
    State.ACTIVE: Appearance(Tone.GREEN, "proven"),
    State.ENDING: Appearance(Tone.BLUE, "ending"),
    State.ENDED: Appearance(Tone.GREY, "end"),
    State.REJECTED: Appearance(Tone.GREY, "closed"),
    State.WITHDRAWN: Appearance(Tone.GREY, "closed"),
    State.NEEDS_ATTENTION: Appearance(Tone.AMBER, "warn"),
    State.FAILED: Appearance(Tone.RED, "fail"),
    State.NOT_KNOWN: Appearance(Tone.GREY, "unknown"),
}
REASON_LABELS = {
    Reason.NO_OWNER: _("No owner"),
    Reason.REQUESTER_INACTIVE: _("Requester deactivated"),
    Reason.PARTLY_APPROVED: _("Partly approved"),
    Reason.CHANGES_REQUESTED: _("Changes requested"),
    Reason.UNJUSTIFIED: _("No decision justifies it"),
    Reason.EFFECTS_CHANGED: _("Effects changed"),
    Reason.ON_HOLD: _("On hold"),
    Reason.UNREADABLE: _("AWS can't be read"),
    Reason.READING_TOO_OLD: _("Last reading too old"),
    Reason.NEVER_READ: _("Never read"),
    Reason.PARTLY_READ: _("Read in part"),
    Reason.REFUSED_BY_AWS: _("Refused by AWS"),
    Reason.DRIFT_REPAIR: _("Repairing a change made in AWS"),
    Reason.LINK_NAME_TAKEN: _("Link name taken"),
    Reason.NOT_USABLE: _("Present, not usable"),
    Reason.TO_BE_PASSED_ON: _("To be passed on"),
    Reason.PASSING_ON: _("Being passed on"),
    Reason.USABILITY_NOT_KNOWN: _("Usability not known"),
    Reason.RESIDUAL_CREDENTIALS: _("Issued credentials may still work"),
    Reason.OTHER_ACCESS_REMAINS: _("Other access remains"),
    Reason.REMOVAL_ON_HOLD: _("Removal on hold"),
    Reason.HELD_OUTSIDE: _("Held outside the portal"),
    Reason.KNOWN: _("Marked as known"),
    Reason.MISSING: _("Missing in AWS"),
    Reason.ROUNDS_FAIL: _("Rounds fail"),
    Reason.OPEN_FINDINGS: _("Open findings"),
    Reason.QUEUED: _("Queued"),
    Reason.MANY_TABLES_MISSING: _("Many tables missing"),
    Reason.SUCCEEDED: _("Succeeded"),
    Reason.CANCELLED: _("Cancelled"),
    Reason.KEPT: _("Kept"),
    Reason.REVOKED: _("Revoked"),
    Reason.NOT_CONFIRMED: _("Not confirmed"),
    Reason.ENDED_OTHERWISE: _("Ended otherwise"),
    Reason.SECOND_PERSON: _("Second person confirms"),
    Reason.NOT_CONFIRMED_IN_TIME: _("Not confirmed in time"),
    Reason.TO_BE_REVIEWED: _("To be reviewed"),
    Reason.ACKNOWLEDGED: _("Acknowledged"),
    Reason.RESOLVED: _("Resolved"),
    Reason.REPLACED: _("Replaced"),
}
CHANGING_STATES = frozenset({State.APPLYING, State.ENDING})
FINAL_STATES = frozenset({State.ENDED, State.REJECTED, State.WITHDRAWN})


@dataclass(frozen=True)
class DisplayState:
    """The status of an object. The members `state` and `reason` are the API's `state` and `state_reason`. `until`: how long
    the reason holds, in words.
    """

    state: State
    reason: Reason = Reason.NONE
    until: str = ""

    @property
    def label(self) -> str:
        return str(LABELS[self.state])

    @property
    def reason_label(self) -> str:
        label = str(REASON_LABELS.get(self.reason, ""))
        if not self.until:
            return label
        return str(_("%(reason)s until %(moment)s")) % {"reason": label, "moment": self.until}

    @property
    def tone(self) -> Tone:
        return APPEARANCES[self.state].tone

    @property
    def icon(self) -> str:
        return APPEARANCES[self.state].icon

    @property
    def is_changing(self) -> bool:
        """Whether the workers are changing it now, so that a page that shows it updates itself."""
        return self.state in CHANGING_STATES

    @property
    def is_final(self) -> bool:
        """Whether it stays so for good."""
        return self.state in FINAL_STATES


class CheckMark(StrEnum):
    """The answer to a question that a page asks: is this met, is it open, is it in order."""

    YES = "yes"
    NO = "no"
    ATTENTION = "attention"
    FAILED = "failed"
    WORKING = "working"
    NOT_KNOWN = "not_known"


CHECK_MARK_APPEARANCES = {
    CheckMark.YES: Appearance(Tone.GREEN, "check"),
    CheckMark.NO: Appearance(Tone.GREY, "end"),
    CheckMark.ATTENTION: APPEARANCES[State.NEEDS_ATTENTION],
    CheckMark.FAILED: APPEARANCES[State.FAILED],
    CheckMark.WORKING: APPEARANCES[State.APPLYING],
    CheckMark.NOT_KNOWN: APPEARANCES[State.NOT_KNOWN],
}


class Lifecycle(StrEnum):
    """Cycles of offers, policies, access reviews and consents. They carry no color: colors are for states."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"


LIFECYCLE_LABELS = {
    Lifecycle.DRAFT: _("Draft"),
    Lifecycle.PUBLISHED: _("Published"),
    Lifecycle.DEPRECATED: _("Deprecated"),
    Lifecycle.RETIRED: _("Retired"),
    Lifecycle.OPEN: _("Open"),
    Lifecycle.CLOSED: _("Closed"),
    Lifecycle.CANCELLED: _("Cancelled"),
    Lifecycle.ACTIVE: _("Active"),
    Lifecycle.REVOKED: _("Revoked"),
    Lifecycle.EXPIRED: _("Expired"),
}
