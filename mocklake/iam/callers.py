"""Who is calling: what the access-key registry found out before any service is asked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """`arn` is the principal that permissions are granted to: the IAM role or user, or the account's root.

    `session_arn` is what GetCallerIdentity answers (`arn:aws:sts::…:assumed-role/…` for a role session).
    """

    account: str
    region: str
    arn: str
    session_arn: str
    access_key: str
    policy: str = ""
    """The session's own policy, as JSON: it narrows what the role may."""

    @property
    def is_root(self) -> bool:
        return self.arn == f"arn:aws:iam::{self.account}:root"
