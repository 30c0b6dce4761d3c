"""Two sweeps of an earlier release are reported today with the numbers that it reported, to their tenth digit.

Left out is what 0.1.0 computed otherwise: power, for another level than the sentences use, and the differences between
configurations and options, without the spread over seeds. Baselines were counted among the networks.
"""

import json
from pathlib import Path

import pytest

from c5snn.cli import main

CORRECTED = ("power", "pairs", "effects")

SWEEPS = sorted(path.parent for path in Path(__file__).parent.glob("*/*/golden.json"))


def floats(content):
    """Return every number of a report that was computed, whatever its place; counts and seeds are no measure."""
    if isinstance(content, dict):
        content = [value for name, value in content.items() if name not in CORRECTED]
    if isinstance(content, list):
        return {number for value in content for number in floats(value)}
    return {float(f"{content:.10g}")} if isinstance(content, float) else set()


def of_label(report, label):
    """Return the parts of a report that speak of one configuration."""
    entries = [
        entry for comparison in report["comparisons"] for group in comparison.values() for entry in listed(group)
    ]
    return [entry for entry in entries if entry.get("label") == label]


def listed(group):
    return [entry for entry in group if isinstance(entry, dict)] if isinstance(group, list) else []


@pytest.fixture(scope="module", params=SWEEPS, ids=lambda folder: f"{folder.parent.name} {folder.name}")
def reports(request, tmp_path_factory):
    """What a sweep's report said when it was run, and what it says now."""
    output = tmp_path_factory.mktemp("report") / "report.json"
    assert main(["report", str(request.param), "--output", str(output)]) == 0
    return json.loads((request.param / "golden.json").read_text()), json.loads(output.read_text())


def test_every_number_is_reported_as_it_was(reports):
    then, now = reports
    assert len(floats(then)) > 100
    assert floats(then["comparisons"]) - floats(now["comparisons"]) == set()


def test_every_configuration_keeps_its_numbers(reports):
    then, now = reports
    labels = {entry["label"] for comparison in then["comparisons"] for entry in comparison["contenders"]}
    for before, after in zip(then["comparisons"], now["comparisons"], strict=True):
        networks = {entry["label"] for entry in after["networks"]}
        assert networks
        before["networks"] = [entry for entry in before["networks"] if entry["label"] in networks]
    assert labels
    for label in labels:
        assert floats(of_label(then, label)) - floats(of_label(now, label)) == set()
