"""How AWS behaves beside what its calls do: rates, writes that overlap, late listings, short and empty pages.

Two named sets: `aws-like`, the default of every server, seed and world within a process, and `polite`, with none of it.
Each rate says where it is from. AWS publishes none for Glue, Lake Formation and RAM: those are assumed, and low, so that a
client which bears them bears AWS.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mocklake.world import World

ATHENA = "AWS Athena User Guide, service-limits, per account API call quotas"
QUOTAS = "AWS Service Quotas User Guide, reference_limits"
ASSUMED = "assumed: AWS publishes no rate; Glue's calls are throttled by account and region (AWS re:Post, glue-throttling-rate-exceeded)"
ASSUMED_WRITES = "assumed: AWS publishes no rate; clients pause between grants (field report: data.all #1572)"
READS = ("Get", "List", "Describe", "Search", "BatchGet", "Query")


@dataclass(frozen=True)
class Rate:
    """`burst` calls at once, then so many a second; for each account, region and operation."""

    per_second: float
    burst: float
    source: str = "set by request"


RATES: dict[str, Rate] = {
    "glue:reads": Rate(50, 100, ASSUMED),
    "glue:writes": Rate(20, 40, ASSUMED),
    "lakeformation:reads": Rate(20, 40, ASSUMED),
    "lakeformation:writes": Rate(10, 20, ASSUMED_WRITES),
    "ram:reads": Rate(10, 20, ASSUMED),
    "ram:writes": Rate(5, 10, ASSUMED),
    "sts:AssumeRole": Rate(600, 600, "AWS IAM User Guide, reference_iam-quotas"),
    "athena:StartQueryExecution": Rate(20, 80, ATHENA),
    "athena:StopQueryExecution": Rate(20, 80, ATHENA),
    "athena:GetQueryExecution": Rate(100, 200, ATHENA),
    "athena:GetQueryResults": Rate(100, 200, ATHENA),
    "athena:BatchGetQueryExecution": Rate(20, 40, ATHENA),
    "athena:ListQueryExecutions": Rate(5, 10, ATHENA),
    "athena:ListNamedQueries": Rate(5, 10, ATHENA),
    "athena:BatchGetNamedQuery": Rate(5, 10, ATHENA),
    "athena:GetNamedQuery": Rate(5, 20, ATHENA),
    "athena:CreateNamedQuery": Rate(5, 20, ATHENA),
    "athena:DeleteNamedQuery": Rate(5, 20, ATHENA),
    "cloudtrail:LookupEvents": Rate(2, 2, "AWS CloudTrail API Reference, LookupEvents"),
    "cloudtrail:DescribeTrails": Rate(
        10, 10, "field report: awslabs/mcp #1377 shows what Service Quotas tells"
    ),
    "servicequotas:GetServiceQuota": Rate(5, 10, QUOTAS),
    "servicequotas:GetAWSDefaultServiceQuota": Rate(5, 10, QUOTAS),
    "servicequotas:ListServiceQuotas": Rate(10, 20, QUOTAS),
    "servicequotas:ListAWSDefaultServiceQuotas": Rate(10, 20, QUOTAS),
}
"""By service and operation, or by service and `reads` or `writes` for those that are not named."""


@dataclass(frozen=True)
class Manners:
    """A set with its settings; `is_chosen`: by the start or the control API, not by a seed or as the default."""

    name: str
    overlaps: bool = False
    """Writes to one resource of Lake Formation that overlap get ConcurrentModificationException."""
    write_milliseconds: int = 0
    """How long such a write takes."""
    late_listing_milliseconds: int = 0
    """For how long a change may be missing in listings; each one for a share of it that is drawn."""
    seed: int = 0
    """Of that share, and of the pages that come short or empty; 0 is none of them, and the whole of the time."""
    rates: Mapping[str, Rate] = field(default_factory=dict)
    is_chosen: bool = False

    def get_switches(self) -> dict[str, int]:
        """The switches that belong to manners, as they are turned when these are chosen."""
        return {
            "late_listing_milliseconds": self.late_listing_milliseconds,
            "empty_page_seed": self.seed,
            "short_page_seed": self.seed,
        }

    def get_rate(self, service: str, operation: str) -> Rate | None:
        kind = "reads" if operation.startswith(READS) else "writes"
        return self.rates.get(f"{service}:{operation}") or self.rates.get(f"{service}:{kind}")


POLITE = Manners("polite")
AWS_LIKE = Manners(
    "aws-like", overlaps=True, write_milliseconds=10, late_listing_milliseconds=300, seed=1, rates=RATES
)
NAMED = {manners.name: manners for manners in (AWS_LIKE, POLITE)}
_NUMBERS = ("write_milliseconds", "late_listing_milliseconds", "seed")


def choose(world: "World", chosen: Manners) -> None:
    """Also turns the switches of listings, which can be turned alone afterwards."""
    world.manners = chosen
    for name, value in chosen.get_switches().items():
        setattr(world.switches, name, value)


def get_named(name: object) -> Manners:
    """Raises ValueError."""
    if not isinstance(name, str) or name not in NAMED:
        raise ValueError(f"manners are {' or '.join(NAMED)}, not {name!r}")
    return NAMED[name]


def change(world: "World", wanted: Mapping[str, Any]) -> None:
    """`name` chooses a set, other members change single settings of it; `rates` are `{"glue:reads": [5, 10]}` for so many
    a second and at once, null for no limit. Raises ValueError or TypeError, and then changes nothing.
    """
    made = get_named(wanted["name"]) if "name" in wanted else world.manners
    for name, value in wanted.items():
        if name in _NUMBERS:
            number: Any = {name: _checked_number(name, value)}
            made = replace(made, **number)
        elif name == "overlaps" and isinstance(value, bool):
            made = replace(made, overlaps=value)
        elif name == "rates":
            made = replace(made, rates=_changed_rates(made.rates, value))
        elif name != "name":
            raise ValueError(f"manners have name, overlaps, {', '.join(_NUMBERS)} and rates, not {name}")
    choose(world, replace(made, is_chosen=True))


def described(world: "World") -> dict[str, Any]:
    return asdict(world.manners)


def _checked_number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is a whole number from 0 on")
    return value


def _changed_rates(rates: Mapping[str, Rate], wanted: object) -> dict[str, Rate]:
    if not isinstance(wanted, Mapping):
        raise TypeError("rates is an object")
    changed = dict(rates)
    for key, value in wanted.items():
        if value is None:
            changed.pop(key, None)
        else:
            changed[_checked_key(key)] = _read_rate(key, value)
    return changed


def _checked_key(key: object) -> str:
    if not isinstance(key, str) or key.count(":") != 1:
        raise ValueError(f"a rate is of service:Operation, service:reads or service:writes, not {key!r}")
    return key


def _read_rate(key: str, value: object) -> Rate:
    match value:
        case [int() | float() as per_second, int() | float() as burst] if per_second > 0 and burst >= 1:
            return Rate(per_second, burst)
    raise ValueError(f"the rate of {key} is [calls a second above 0, calls at once from 1 on]")
