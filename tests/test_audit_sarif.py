"""Findings as SARIF: the published structure, and what stands in it."""

from __future__ import annotations

import json
import re
from typing import Any

import attr
import pytest
import sarif_om
from hypothesis import given, settings
from hypothesis import strategies as st
from test_audit_page import EVIL, audited, finding, several

from envforge.audit.codes import CODES
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.sarif import FINGERPRINT, sarif

# Where an object of the format lies in another one: what it is there (SARIF 2.1.0, section 3).
OBJECTS: dict[tuple[str, str], str] = {
    ("SarifLog", "runs"): "Run",
    ("Run", "tool"): "Tool",
    ("Run", "invocations"): "Invocation",
    ("Run", "results"): "Result",
    ("Tool", "driver"): "ToolComponent",
    ("ToolComponent", "rules"): "ReportingDescriptor",
    ("ReportingDescriptor", "defaultConfiguration"): "ReportingConfiguration",
    ("ReportingDescriptor", "shortDescription"): "MultiformatMessageString",
    ("ReportingDescriptor", "help"): "MultiformatMessageString",
    ("Invocation", "toolExecutionNotifications"): "Notification",
    ("Notification", "message"): "Message",
    ("Notification", "locations"): "Location",
    ("Result", "message"): "Message",
    ("Result", "locations"): "Location",
    ("Location", "logicalLocations"): "LogicalLocation",
    ("Location", "physicalLocation"): "PhysicalLocation",
    ("PhysicalLocation", "artifactLocation"): "ArtifactLocation",
    ("PhysicalLocation", "region"): "Region",
}
FREE = {("Result", "properties"), ("Result", "partialFingerprints")}  # objects with names of our own
LEVELS = {"none", "note", "warning", "error"}


def check(value: dict[str, Any], kind: str) -> None:
    """Raise AssertionError unless `value` has the properties that an object of the format must have, and no other;
    the published model of the format says which."""
    known = {
        field.metadata["schema_property_name"]: field.default is attr.NOTHING
        for field in attr.fields(getattr(sarif_om, kind))
    }
    assert set(value) <= set(known), (kind, set(value) - set(known))
    assert {name for name, needed in known.items() if needed} <= set(value), kind
    for name, item in value.items():
        inner = OBJECTS.get((kind, name))
        for one in item if isinstance(item, list) else [item]:
            assert inner is not None or not isinstance(one, dict) or (kind, name) in FREE, (kind, name)
            if inner is not None:
                check(one, inner)
    if "level" in value:
        assert value["level"] in LEVELS
    if kind == "Message":
        assert value["text"]
    if kind == "ArtifactLocation":
        assert re.fullmatch(r"[A-Za-z0-9._~:/%-]+", value["uri"])
    if kind == "Region":
        assert value["startLine"] >= 1


def read(audits: list[Audited]) -> dict[str, Any]:
    """The run in the log, which is checked, with every result's rule."""
    text = sarif(audits)
    assert text.isascii()
    log = json.loads(text, parse_constant=pytest.fail)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    check({name: value for name, value in log.items() if name != "$schema"}, "SarifLog")
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    return dict(run)


def test_rules_are_the_codes_used_with_their_help() -> None:
    rules = {rule["id"]: rule for rule in read(several())["tool"]["driver"]["rules"]}
    assert list(rules) == ["accepts-affix", "few-instances", "slow"]
    assert [rule["defaultConfiguration"]["level"] for rule in rules.values()] == ["error", "warning", "note"]
    assert (
        rules["accepts-affix"]["shortDescription"]["text"] == f"The target {CODES['accepts-affix'].meaning}."
    )
    assert CODES["accepts-affix"].remedy[1:] in rules["accepts-affix"]["help"]["text"]


def test_results_say_what_was_found_and_where() -> None:
    results = read(several())["results"]
    assert [result["level"] for result in results] == ["warning", "error", "error", "note"]
    assert results[0]["message"]["text"] == "Level 0 has 5 questions."
    assert results[1]["properties"]["evidence"]["answer"] == "17 and 18"
    assert results[1]["properties"]["command"] == "envforge audit a.py --only accepts-affix"
    names = [result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for result in results]
    assert names == ["a.py", "a.py", "b.py", "gym:reasoning_gym/countdown"]
    prints = {result["partialFingerprints"][FINGERPRINT] for result in results}
    assert len(prints) == 4 and all(re.fullmatch("[0-9a-f]{64}", one) for one in prints)


@pytest.mark.parametrize(
    ("target", "group", "uri"),
    [
        ("seeds/text/coin_change.py", "environment", "seeds/text/coin_change.py"),
        ("../my envs/ä:b.py", "environment", "../my%20envs/%C3%A4%3Ab.py"),
        ("/tmp/a b.py", "environment", "file:///tmp/a%20b.py"),
        ("bad\udcff.py", "environment", "bad%FF.py"),
        ("0123456789abcdef", "environment", None),
        ("coin_change", "environment", None),
        ("py:my_gym.py", "my_gym.py", None),
    ],
)
def test_a_physical_location_where_the_target_is_a_file(target: str, group: str, uri: str | None) -> None:
    [result] = read([audited(target, finding(target, "hacked"), group=group)])["results"]
    physical = result["locations"][0].get("physicalLocation")
    assert (physical and physical["artifactLocation"]["uri"]) == uri


def test_what_was_not_looked_for_is_a_notification() -> None:
    [invocation] = read(several())["invocations"]
    assert invocation["executionSuccessful"] is False
    said = [(one["level"], one["message"]["text"]) for one in invocation["toolExecutionNotifications"]]
    why = "hacked, score-varies not looked for, or not to the end: the 300 s were over"
    assert said == [
        ("warning", f"gym:reasoning_gym/countdown: {why}"),
        ("error", "broken.py: could not be looked at: it is no program: line 3: import os"),
    ]
    assert read([audited("clean.py")])["invocations"][0]["executionSuccessful"] is True


def test_nothing_found_is_a_log_too() -> None:
    assert read([])["results"] == [] and read([audited("clean.py")])["results"] == []


def test_hostile_text_makes_no_link_and_no_broken_json() -> None:
    link = "[here](http://evil.example)"
    odd = Finding(
        "a.py", "made-up", Severity.INFO, link, {"score": float("inf"), "answer": f"{EVIL}\ud800"}, EVIL
    )
    [result] = read([audited("a.py", odd, problem=link)])["results"]
    assert "](" not in result["message"]["text"] and result["level"] == "note"
    assert result["properties"]["evidence"] == {"score": "inf", "answer": f"{EVIL}\ufffd"}
    assert read([audited("a.py", Finding("a.py", "hacked", Severity.ERROR, ""))])["results"][0]["message"][
        "text"
    ]


def test_the_same_audits_give_the_same_log() -> None:
    assert sarif(several()) == sarif(several())


ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)


@settings(max_examples=60, deadline=None)
@given(ANY, ANY, st.dictionaries(ANY, ANY | st.floats() | st.none() | st.lists(st.integers())))
def test_any_finding_has_its_place(target: str, summary: str, evidence: dict[str, Any]) -> None:
    bad = Finding(target, "hacked", Severity.ERROR, summary, evidence, target)
    assert len(read([audited(target, bad)])["results"]) == 1


def test_the_model_of_the_format_refuses_what_is_wrong() -> None:
    """`check` itself: a name that the format does not know, one that it needs, a level that it does not have."""
    for wrong in ({"text": "a", "colour": "red"}, {"text": ""}):
        with pytest.raises(AssertionError):
            check(wrong, "Message")
    with pytest.raises(AssertionError):
        check({"ruleId": "a"}, "Result")
    with pytest.raises(AssertionError):
        check({"message": {"text": "a"}, "level": "fatal"}, "Result")
