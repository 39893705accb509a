"""One grant on the running demo, asked for and approved over HTTP; what AWS and the portal say of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from demo.journey import lake
from demo.journey.cloud import Assumed
from demo.journey.consumers import BI, DATABASE, PRODUCER, PRODUCT, TABLE
from demo.journey.main_job import moment
from demo.journey.results import wait_for
from tests.running import RunningDemo

ROLE = "arn:aws:iam::310000000001:role/bi-analyst"
COLUMNS = ("policy_id", "gender")


@dataclass
class Asked:
    """Ana asks for two columns of Life Expectancy for the role bi-analyst; Jonas decides."""

    demo: RunningDemo
    item: str = ""
    grant: str = ""
    link: str = ""
    ends_at: Any = None
    effects_hash: str = field(default="")

    def __post_init__(self) -> None:
        self.asker = self.demo.sign_in(BI.email)
        self.producer = self.demo.sign_in(PRODUCER)

    def ask(self, *, days: int = 20) -> None:
        table = next(
            one for one in self.asker.get(f"data-products/{PRODUCT}")["tables"] if one["name"] == TABLE
        )
        now = moment(self.demo.do("clock")["now"])
        target = {"kind": "table", "table": table["id"]}
        item = {"target": target, "columns": list(COLUMNS), "data_product": PRODUCT}
        body = {
            "recipient": {"kind": "principal", "principal": ROLE},
            "purpose": "A test of what happens when things break",
            "expires_at": (now + timedelta(days=days)).isoformat(),
            "items": [item],
        }
        self.item = self.asker.post("access-requests", body)["items"][0]["id"]

    def approve(self) -> None:
        review = self.producer.get(f"reviews/{self.item}")
        self.link = review["effects"]["approved"]["link"]["name"]
        said = {"outcome": "approve", "effects_hash": review["effects_hash"]}
        self.grant = self.producer.post(f"reviews/{self.item}/decisions", said)["grant"]["id"]

    def revoke(self) -> None:
        self.producer.post(f"grants/{self.grant}/revoke", {"comment": "The test has seen enough."})

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = self.asker.get(f"grants/{self.grant}")
        return found

    def becomes(self, presence: str, seconds: float = 60.0) -> dict[str, Any]:
        """The grant once the portal says so on new evidence."""
        state = {"present": "active", "absent": "ended"}[presence]

        def look() -> dict[str, Any] | None:
            grant = self.seen()
            return grant if (grant["presence"], grant["state"]) == (presence, state) else None

        found: dict[str, Any] = wait_for(
            look, seconds, f"it did not become {presence}: {self.seen()['sentence']}"
        )
        return found

    def columns_in_aws(self) -> set[str]:
        return lake.selected_columns(self.demo.cloud(), ROLE, DATABASE, TABLE)

    def role(self) -> Assumed:
        return self.demo.cloud().assume(ROLE)
