"""The whole benchmark, as small as it gets."""

import json
from math import isfinite

import pytest

from benchmarks.__main__ import main


@pytest.mark.bench
@pytest.mark.filterwarnings("default")
def test_every_section_prints_what_it_writes(tmp_path, capsys):
    main(["--quick", "--output", str(tmp_path / "results.json")])
    tables = json.loads((tmp_path / "results.json").read_text())["tables"]
    printed = capsys.readouterr().out
    titles = {table["title"] for table in tables}
    assert len(titles) == len(tables) == 11
    assert all(f"### {title}\n" in printed for title in titles)
    values = [value for table in tables for row in table["rows"] for value in row.values()]
    assert all(isfinite(value) for value in values if isinstance(value, float))
