"""Scenarios against accounts of AWS itself, of one's own and kept for this alone.

A file of accounts says which real account each of a seed's is, by which profile it is reached, and which real bucket
each of a seed's is. Requests go out with the real names, answers come back with the seed's: what is compared and what
is kept in the transcript names no real account.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from mocklake.scenarios import live_seed, scenario
from mocklake.scenarios.places import Call, RefusedError, Who, send
from mocklake.scenarios.scenario import MalformedError, Scenario
from mocklake.seeds import yaml_text
from mocklake.seeds.mesh_file import Mesh, read_mesh

PREFIX = "mocklake-scenario-"
"""What roles are called by in real accounts, before their name in the seed."""
_SECRETS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "NextToken", "nextToken")
_REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ROLE = re.compile(r"(:role/|:assumed-role/)")


@dataclass(frozen=True)
class Account:
    """Raises ValueError for what is no account's id."""

    id: str
    profile: str

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(str(self.id)):
            raise ValueError(f"{self.id} is no account's id in quotes")


@dataclass(frozen=True)
class Accounts:
    """By the names that seeds give them; `organisation` are those that really are in one."""

    accounts: Mapping[str, Account]
    buckets: Mapping[str, str]
    organisation: tuple[str, ...]


def read_accounts(path: Path) -> Accounts:
    """Raises MalformedError for what is not `accounts: {central: {id, profile}}`, `buckets:` and `organisation:`."""
    try:
        content = yaml_text.read(path.read_text(encoding="utf-8")).value
        accounts = {name: Account(**one) for name, one in content["accounts"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedError(path, f"it is no file of accounts: {error}") from error
    return Accounts(accounts, content.get("buckets", {}), tuple(content.get("organisation", ())))


def left_out(scenario: Scenario, known: Accounts) -> str:
    """Why a scenario is not run against AWS; empty when it is."""
    mesh, _ = read_mesh(scenario.seed)
    members = {"switches": scenario.switches, "manners": scenario.manners}
    kinds = {step.kind for step in scenario.steps} | {name for name, value in members.items() if value}
    if kinds & {"query"}:
        return "a query needs rows, which are not put"
    if kinds - {"call"}:
        return f"AWS has no {', '.join(sorted(kinds - {'call'}))}"
    missing = sorted(scenario.accounts.keys() - known.accounts.keys())
    if missing:
        return f"no account {missing[0]} is given"
    inside = {name for name, one in scenario.accounts.items() if one in mesh.organisation}
    if inside != set(known.organisation) & set(scenario.accounts):
        return "its seed has another organisation"
    buckets = sorted({bucket.name for bucket in mesh.buckets} - known.buckets.keys())
    return f"no bucket is given for {buckets[0]}" if buckets else live_seed.hindrance(mesh)


@dataclass
class LivePlace:
    """`transcript` is a folder; each scenario leaves a sanitised file of its calls there."""

    known: Accounts
    transcript: Path | None = None
    has_control: bool = False
    problems: list[str] = field(default_factory=list)
    _mesh: Mesh | None = None
    _names: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[Who, str, str], Any] = field(default_factory=dict)
    _before: set[str] = field(default_factory=set)
    _settings: list[Call] = field(default_factory=list)
    _kept: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, seed: Path) -> None:
        """Makes the seed's things; whatever goes wrong on the way, they are removed by `close`."""
        self.close()
        self._mesh, _ = read_mesh(seed)
        self._names = {account.name: account.id for account in self._mesh.accounts}
        self._before = {text for _, text in live_seed.inventory(self._by_profile, self._places())}
        self._settings = [self._present_settings(*place) for place in self._places()]
        for call in live_seed.making(self._mesh):
            self._by_profile(self._with_own_administrators(call))

    def call(self, call: Call) -> Any:
        try:
            answer = send(self._client(call), replace(call, parameters=self._outward(call.parameters)))
        except RefusedError as error:
            refusal = RefusedError(error.code, self._inward(error.message))
            self._keep(call, {"refused": {"code": refusal.code, "message": refusal.message}})
            raise refusal from error
        inward = self._inward(answer)
        self._keep(call, {"answered": inward})
        return inward

    def control(self, path: str, body: Any = None, *, method: str = "") -> Any:
        raise RefusedError("NoControl", f"AWS has no control API for {method} {path} {body or ''}")

    def close(self) -> None:
        """Takes away what the last scenario and its seed left; what could not be removed is in `problems`."""
        if self._mesh is None:
            return
        self.problems += live_seed.remove_new(self._by_profile, self._places(), self._before)
        for call in self._settings:
            self._by_profile(call)
        self.problems += live_seed.remove_seed(self._by_profile, self._mesh)
        self._clients.clear()
        self._mesh = None

    def write(self, name: str) -> None:
        """The transcript of the calls since the last one."""
        if self.transcript is not None:
            path = self.transcript / f"{name.removesuffix('.yaml').replace('/', '--')}.json"
            path.write_text(json.dumps(self._kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self._kept = []

    def _by_profile(self, call: Call) -> Any:
        client = self._client(replace(call, who=Who(call.who.account)))
        return self._inward(send(client, replace(call, parameters=self._outward(call.parameters))))

    def _places(self) -> list[tuple[str, str]]:
        assert self._mesh is not None
        return [(catalog.account, catalog.region) for catalog in self._mesh.catalogs]

    def _present_settings(self, account: str, region: str) -> Call:
        who = Who(account)
        found = self._by_profile(Call(who, region, "lakeformation", "GetDataLakeSettings", {}))
        return Call(who, region, "lakeformation", "PutDataLakeSettings", found)

    def _with_own_administrators(self, call: Call) -> Call:
        """The profile must stay an administrator, or nothing could be removed."""
        if call.operation != "PutDataLakeSettings":
            return call
        (old,) = (
            setting for setting in self._settings if (setting.who, setting.region) == (call.who, call.region)
        )
        settings = dict(call.parameters["DataLakeSettings"])
        settings["DataLakeAdmins"] = [
            *settings["DataLakeAdmins"],
            *old.parameters["DataLakeSettings"]["DataLakeAdmins"],
        ]
        return replace(call, parameters={"DataLakeSettings": settings})

    def _client(self, call: Call) -> Any:
        """Kept for as long as its seed; a session of a role lasts an hour."""
        which = (call.who, call.service, call.region)
        if which not in self._clients:
            session: Any = boto3.Session(**self._keys(call), region_name=call.region)
            config = Config(retries={"mode": "standard"})
            self._clients[which] = session.client(scenario.get_client_name(call.service), config=config)
        return self._clients[which]

    def _keys(self, call: Call) -> dict[str, Any]:
        if call.who.keys is not None:
            return _as_session(call.who.keys)
        name = next(one for one, account in self._names.items() if account == call.who.account)
        account = self.known.accounts[name]
        if not call.who.role:
            return {"profile_name": account.profile}
        sts: Any = boto3.Session(profile_name=account.profile, region_name=call.region).client("sts")
        arn = f"arn:aws:iam::{account.id}:role/{PREFIX}{call.who.role}"
        return _as_session(sts.assume_role(RoleArn=arn, RoleSessionName="scenario")["Credentials"])

    def _keep(self, call: Call, outcome: dict[str, Any]) -> None:
        who = "saved keys" if call.who.keys is not None else f"{call.who.account}/{call.who.role}"
        asked = {"as": who, "call": f"{call.service}.{call.operation}", "with": call.parameters}
        self._kept.append(sanitised(asked | outcome, frozenset(self._names.values())))

    def _outward(self, value: Any) -> Any:
        return _replaced(value, dict(self._pairs()), outward=True)

    def _inward(self, value: Any) -> Any:
        return _replaced(value, {real: said for said, real in self._pairs()}, outward=False)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for name, account in self._names.items():
            yield account, self.known.accounts[name].id
        yield from self.known.buckets.items()


def _as_session(keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys.get("SessionToken"),
    }


def _replaced(value: Any, pairs: Mapping[str, str], *, outward: bool) -> Any:
    """Texts with accounts and buckets exchanged, and roles with or without the prefix."""
    if isinstance(value, dict):
        return {name: _member(name, one, pairs, outward=outward) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, pairs, outward=outward) for one in value]
    if not isinstance(value, str):
        return value
    any_of = re.compile("|".join(re.escape(pair) for pair in pairs))
    text = any_of.sub(lambda found: pairs[found[0]], value) if pairs else value
    return _ROLE.sub(rf"\1{PREFIX}", text) if outward else text.replace(f"/{PREFIX}", "/")


def _member(name: Any, one: Any, pairs: Mapping[str, str], *, outward: bool) -> Any:
    if name == "RoleName" and isinstance(one, str):
        return f"{PREFIX}{one}" if outward else one.removeprefix(PREFIX)
    return _replaced(one, pairs, outward=outward)


def sanitised(value: Any, known: frozenset[str], name: str = "") -> Any:
    """Without keys, tokens and request ids; an account id that is not among the known ones becomes zeros."""
    if isinstance(value, dict):
        return {one: sanitised(part, known, one) for one, part in value.items()}
    if isinstance(value, list):
        return [sanitised(one, known, name) for one in value]
    if not isinstance(value, str):
        return value
    if name in _SECRETS:
        return "…"
    text = _ACCOUNT.sub(lambda found: found[0] if found[0] in known else "0" * 12, value)
    return _REQUEST_ID.sub("00000000-0000-0000-0000-000000000000", text)
