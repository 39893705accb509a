"""What a check-up reads of an account, and what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FindingKind(StrEnum):
    """What a finding means for who set the account up."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    BYPASS = "bypass"
    ADVICE = "advice"


@dataclass(frozen=True)
class Finding:
    """`text` says what is so, `remedy` what to do; both are plain sentences for a person."""

    kind: FindingKind
    code: str
    text: str
    remedy: str


@dataclass(frozen=True)
class RegisteredLocation:
    """A registered data location: its ARN, the role that reads it, AWS's VerificationStatus or empty."""

    arn: str
    role: str
    verification: str = ""


@dataclass(frozen=True)
class AccountReading:
    """An account in one region as its observer reads it; None where AWS refused, `read_errors` says why by name."""

    observer: str
    executor: str
    owns_catalog: bool
    """The account owns a catalog from which it grants; otherwise it only receives."""
    has_local_groups: bool = False
    """It has local groups, to which its executor passes on what it received."""
    settings: Mapping[str, Any] | None = None
    permissions: Sequence[Mapping[str, Any]] | None = None
    locations: Sequence[RegisteredLocation] | None = None
    resource_policy: str | None = None
    """Empty: the catalog has none."""
    encryption: Mapping[str, Any] | None = None
    read_errors: Mapping[str, str] = field(default_factory=dict)
    roles_without_external_id: frozenset[str] = frozenset()
    """ARNs of the roles that AWS let us assume without the ExternalId."""
    row_policies_error: str = ""
    """Why the row-level security policies were not listed."""


BLOCKING_KINDS = frozenset({FindingKind.MISSING, FindingKind.UNKNOWN})
"""With one of these, decisions made here could not be applied, or not be proven."""
