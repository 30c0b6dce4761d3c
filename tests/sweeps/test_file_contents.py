"""The files of a folder as a value: the same when written elsewhere; changes lead from one state to the next."""

from c5snn.sweeps.file_contents import FileContents, read_folder


def write(folder, **files):
    for name, text in files.items():
        place = folder / name.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return read_folder(folder)


def test_a_folder_written_elsewhere_has_the_same_files(tmp_path):
    there = write(tmp_path / "a", config="1", run_2__metrics="2")
    there.write(tmp_path / "b")
    assert read_folder(tmp_path / "b") == there == FileContents({"config": b"1", "run_2/metrics": b"2"})


def test_the_identity_follows_names_and_bytes_alone(tmp_path):
    first = write(tmp_path / "a", config="1", other="2")
    assert first.identity == write(tmp_path / "b", other="2", config="1").identity
    assert first.identity != write(tmp_path / "c", config="2", other="1").identity
    assert first.identity != write(tmp_path / "d", config="1").identity


def test_changes_lead_from_one_state_to_the_next_and_leave_equal_files_alone(tmp_path):
    before = write(tmp_path / "a", kept="1", changed="2", failure="3")
    before.write(tmp_path / "b")
    (tmp_path / "b/failure").unlink()
    after = write(tmp_path / "b", changed="4", below__new="5")
    untouched = (tmp_path / "a/kept").stat()
    changes = after.changes_since(before.digests)
    changes.apply(tmp_path / "a")
    assert read_folder(tmp_path / "a") == after
    assert (tmp_path / "a/kept").stat().st_mtime_ns == untouched.st_mtime_ns
    assert set(changes.written.files) == {"changed", "below/new"}


def test_what_commits_the_files_is_written_after_them(tmp_path):
    FileContents({"commit.json": b"{}", "test.json": b"2", "z/commit.json": b"3"}).write(tmp_path)
    order = sorted((file.stat().st_ctime_ns, file.name) for file in tmp_path.rglob("*") if file.is_file())
    assert order[0][1] == "test.json"
