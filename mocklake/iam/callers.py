"""Who is calling: what the access-key registry found out before any service is asked."""

from dataclasses import dataclass

from mocklake import partitions


@dataclass(frozen=True)
class Caller:
    """`arn` is the principal that permissions are granted to: the IAM role or user, or the account's root.

    `session_arn` is what GetCallerIdentity answers (`arn:…:assumed-role/…` for a role session).
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
        return self.arn == partitions.root_arn(self.account, self.region)

    @property
    def partition(self) -> str:
        return partitions.of_region(self.region)
