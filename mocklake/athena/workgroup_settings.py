"""The configuration of a workgroup: what is usual, how it is changed, and what it means for a query."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mocklake.athena.failures import invalid

ENGINE = "Athena engine version 3"
AUTOMATIC = "AUTO"
VERSIONS = (
    {"SelectedEngineVersion": AUTOMATIC, "EffectiveEngineVersion": ENGINE},
    {"SelectedEngineVersion": ENGINE, "EffectiveEngineVersion": ENGINE},
)
NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)
_RESULTS, _MANAGED = "ResultConfiguration", "ManagedQueryResultsConfiguration"


def initial(given: Mapping[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        _RESULTS: {},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
    }
    settings = usual | deepcopy(dict(given))
    _check(settings)
    return settings | {"EngineVersion": engine_version(settings)}


def primary(*, managed: bool) -> dict[str, Any]:
    """Of the workgroup that every account has: nothing is enforced."""
    settings = initial({"EnforceWorkGroupConfiguration": False})
    return settings | ({_MANAGED: {"Enabled": True}} if managed else {})


def changed(settings: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """Nested updates merge; `Remove…` takes a member away."""
    wanted = deepcopy(dict(updates))
    nested = {one: wanted.pop(f"{one}Updates", None) for one in (_RESULTS, _MANAGED)}
    found = _merged(deepcopy(dict(settings)), wanted)
    for name, changes in nested.items():
        if changes is not None:
            found[name] = _merged(found.get(name, {}), changes)
    _check(found)
    return found | {"EngineVersion": engine_version(found)}


def _merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    removed = {
        name.removeprefix("Remove") for name, value in changes.items() if name.startswith("Remove") and value
    }
    given = {name: value for name, value in changes.items() if not name.startswith("Remove")}
    return {name: value for name, value in settings.items() if name not in removed} | given


def _check(settings: Mapping[str, Any]) -> None:
    location = settings.get(_RESULTS, {}).get("OutputLocation", "")
    if location and not location.startswith("s3://"):
        raise invalid("outputLocation is not a valid S3 path.")
    encryption = settings.get(_RESULTS, {}).get("EncryptionConfiguration", {})
    if encryption.get("EncryptionOption", "SSE_S3") != "SSE_S3" and not encryption.get("KmsKey"):
        raise invalid("KMS key is required for the encryption option that is specified.")
    selected = settings.get("EngineVersion", {}).get("SelectedEngineVersion", AUTOMATIC)
    if selected not in {one["SelectedEngineVersion"] for one in VERSIONS}:
        raise invalid(f"Engine version {selected} is not supported.")


def engine_version(settings: Mapping[str, Any]) -> dict[str, str]:
    selected = settings.get("EngineVersion", {}).get("SelectedEngineVersion", AUTOMATIC)
    return {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE}


@dataclass(frozen=True)
class ResultSettings:
    """Where a query's results go: into S3, or kept by Athena where there is no location."""

    configuration: Mapping[str, Any]
    managed: bool = False

    @property
    def location(self) -> str:
        return "" if self.managed else str(self.configuration.get("OutputLocation", ""))


def result_settings(settings: Mapping[str, Any], asked: Mapping[str, Any]) -> ResultSettings:
    """The workgroup's where it enforces its own, else the request's. Raises AwsError InvalidRequestException."""
    own, given = settings.get(_RESULTS, {}), asked.get(_RESULTS) or {}
    enforced = settings.get("EnforceWorkGroupConfiguration", False)
    used = own if enforced else {**own, **given}
    is_managed = bool(settings.get(_MANAGED, {}).get("Enabled"))
    if is_managed and (enforced or not given.get("OutputLocation")):
        return ResultSettings({}, managed=True)
    if not used.get("OutputLocation"):
        raise invalid(NO_OUTPUT)
    return ResultSettings(deepcopy(dict(used)))
