"""The whole calibration, as small as it gets."""

import json
import logging

import pytest

from calibration.__main__ import SECTIONS, main

TRAINED = ["trained_claims"]
QUICK = [name for name in SECTIONS if name not in TRAINED]


@pytest.mark.slow
@pytest.mark.parametrize(("sections", "n_tables"), [(QUICK, 11), (TRAINED, 2)], ids=["quick", "trained"])
def test_every_section_prints_what_it_writes(sections, n_tables, tmp_path, capsys, caplog):
    for library in ("lightning.pytorch", "lightning.fabric"):
        caplog.set_level(logging.WARNING, library)  # what the command does for its whole process ends with this test
    assert main([*sections, "--quick", "--output", str(tmp_path / "results.json")]) == 0
    tables = json.loads((tmp_path / "results.json").read_text())["tables"]
    printed = capsys.readouterr().out
    assert len({table["title"] for table in tables}) == len(tables) == n_tables
    for table in tables:
        assert f"### {table['title']}\n" in printed
        assert all(row["holds"] in {"yes", "no"} for row in table["rows"])
