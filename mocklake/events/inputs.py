"""What a target is handed: the event, a part of it, a constant, or a template with parts of it filled in.

Source: EventBridge user guide, "Amazon EventBridge input transformation".
"""

import json
import re
from typing import Any

_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+)\]")
_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_-]+|\['[^']+'\]|\[\d+\])*")
_PLACE = re.compile(r"<([A-Za-z0-9._-]+)>")
_WAYS = ("Input", "InputPath", "InputTransformer")
MISSING = object()


def fault_of(target: dict[str, Any]) -> str:
    """Why the target's input cannot be; empty when it can."""
    if sum(one in target for one in _WAYS) > 1:
        return f"Only one of {', '.join(_WAYS)} must be provided for target {target['Id']}."
    transformer = target.get("InputTransformer", {})
    paths = (
        [target["InputPath"]]
        if "InputPath" in target
        else list(transformer.get("InputPathsMap", {}).values())
    )
    wrong = next((one for one in paths if not _PATH.fullmatch(one)), None)
    if wrong is not None:
        return f"Invalid JSONPath {wrong} for target {target['Id']}."
    reserved = next((one for one in transformer.get("InputPathsMap", {}) if one.startswith("AWS")), None)
    if reserved is not None:
        return f"Invalid InputPathsMap key {reserved}: it must not start with AWS."
    return ""


def body_for(target: dict[str, Any], event: dict[str, Any], *, rule_arn: str) -> str:
    """The text that is sent to the target."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_none_for_missing(_at(target["InputPath"], event)))
    if "InputTransformer" not in target:
        return json.dumps(event)
    transformer = target["InputTransformer"]
    values = {name: _at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    return _filled(transformer["InputTemplate"], values)


def _filled(template: str, values: dict[str, Any]) -> str:
    """A text is put in with quotes unless it stands inside quotes; what is missing stands as an empty text."""
    filled, end = [], 0
    for place in _PLACE.finditer(template):
        if place[1] not in values:
            continue
        filled.append(template[end : place.start()])
        inside = "".join(filled).replace('\\"', "").count('"') % 2 == 1
        filled.append(_shown(values[place[1]], inside=inside))
        end = place.end()
    return "".join(filled) + template[end:]


def _shown(value: Any, *, inside: bool) -> str:
    if value is MISSING:
        value = ""
    if not inside:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]


def _at(path: str, event: Any) -> Any:
    """A JSON path of names and indexes, `$` the event itself."""
    found = event
    for name, quoted, index in _STEP.findall(path[1:]):
        key: Any = int(index) if index else name or quoted
        known = isinstance(found, dict) if isinstance(key, str) else isinstance(found, list)
        try:
            found = found[key] if known else MISSING
        except (KeyError, IndexError):
            return MISSING
    return found


def _none_for_missing(value: Any) -> Any:
    return None if value is MISSING else value
