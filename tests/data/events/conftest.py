from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path):
    """A function that writes a history's text to a new file and returns its path."""

    def write_file(content: str | bytes, name: str = "history.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def real_history_path():
    path = Path(__file__).parents[4] / "shared" / "data" / "CA5_date.csv"
    if not path.exists():
        pytest.skip("the real history is absent: no ../shared/data/CA5_date.csv beside the repository")
    return path
