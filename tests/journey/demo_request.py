"""One grant on the running demo, asked for and approved over HTTP; what AWS and the portal say of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from demo.embedded.waits import wait_for
from demo.journey import aws_state
from demo.journey.cloud import RoleSession
from demo.journey.main_job import parse_time
from demo.journey.verdict_roles import BI, DATABASE, PRODUCER, PRODUCT, TABLE
from tests.demo_process import RunningDemo

ROLE = "arn:aws:iam::310000000001:role/bi-analyst"
COLUMNS = ("policy_id", "gender")


@dataclass
class DemoRequest:
    """Ana asks for two columns of Life Expectancy for the role bi-analyst; Jonas decides."""

    demo: RunningDemo
    item: str = ""
    grant: str = ""
    link: str = ""
    ends_at: Any = None
    effects_hash: str = field(default="")

    def __post_init__(self) -> None:
        self.requester = self.demo.sign_in(BI.email)
        self.producer = self.demo.sign_in(PRODUCER)

    def submit(self, *, days: int = 20) -> None:
        table = next(
            one for one in self.requester.get(f"data-products/{PRODUCT}")["tables"] if one["name"] == TABLE
        )
        now = parse_time(self.demo.run_operation("clock")["now"])
        target = {"kind": "table", "table": table["id"]}
        item = {"target": target, "columns": list(COLUMNS), "data_product": PRODUCT}
        body = {
            "recipient": {"kind": "principal", "principal": ROLE},
            "purpose": "A test of what happens when things break",
            "expires_at": (now + timedelta(days=days)).isoformat(),
            "items": [item],
        }
        self.item = self.requester.post("access-requests", body)["items"][0]["id"]

    def approve(self) -> None:
        review = self.producer.get(f"reviews/{self.item}")
        self.link = review["effects"]["approved"]["link"]["name"]
        said = {"outcome": "approve", "effects_hash": review["effects_hash"]}
        self.grant = self.producer.post(f"reviews/{self.item}/decisions", said)["grant"]["id"]

    def revoke(self) -> None:
        self.producer.post(f"grants/{self.grant}/revoke", {"comment": "The test has seen enough."})

    def read_grant(self) -> dict[str, Any]:
        found: dict[str, Any] = self.requester.get(f"grants/{self.grant}")
        return found

    def wait_for_presence(self, presence: str, seconds: float = 60.0) -> dict[str, Any]:
        """The grant once the portal says so on new evidence."""
        state = {"present": "active", "absent": "ended"}[presence]

        def look() -> dict[str, Any] | None:
            grant = self.read_grant()
            return grant if (grant["presence"], grant["state"]) == (presence, state) else None

        found: dict[str, Any] = wait_for(
            look, seconds, f"it did not become {presence}: {self.read_grant()['sentence']}"
        )
        return found

    def list_aws_columns(self) -> set[str]:
        return aws_state.list_selected_columns(self.demo.cloud(), ROLE, DATABASE, TABLE)

    def assume_role(self) -> RoleSession:
        return self.demo.cloud().assume(ROLE)
