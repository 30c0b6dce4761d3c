"""Files that appear whole or not at all."""

import resource
from contextlib import contextmanager

import pytest

from c5snn.errors import OutputError
from c5snn.files import replacing, write_bytes, write_json, write_text


@contextmanager
def full_disk(limit):
    """Let no file grow beyond ``limit`` bytes, as a full disk would not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "result.json"
    write_text(target, "old")
    with full_disk(100_000), pytest.raises(OutputError, match=r"result\.json.*could not be written"):
        write_bytes(target, bytes(1_000_000))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def fail_half_way(file):
    file.write(b"half")
    raise ZeroDivisionError


def test_an_error_of_the_writer_leaves_the_old_file(tmp_path):
    target = tmp_path / "result.json"
    write_text(target, "old")
    with pytest.raises(ZeroDivisionError), replacing(target) as file:
        fail_half_way(file)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_no_traceback(tmp_path):
    with pytest.raises(OutputError, match="No such file"):
        write_text(tmp_path / "missing" / "result.json", "new")


def test_json_refuses_what_json_cannot_hold(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "result.json", {"p": float("nan")})
    assert not list(tmp_path.iterdir())
