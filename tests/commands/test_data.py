import re
import subprocess
import sys
from pathlib import Path

import pytest
from scipy.stats import chi2

from c5snn.commands.data import main
from c5snn.data import Cycle, Parity, Repeat, read_events, synthesize
from c5snn.data.events.reading import read_sourced
from c5snn.errors import ConfigError, DataError, OutputError


@pytest.fixture
def history(tmp_path):
    """A synthetic history's file; its content is that of ``Repeat(lag=1)``, 50 events, data seed 1."""
    path = tmp_path / "history.csv"
    main(["synthesize", str(path), "--n-events", "50"])
    return path


def words(capsys) -> str:
    """What was printed, as one line: a table wraps its cells."""
    return " ".join(re.sub(r"[│┃━─┏┳┓┡╇┩└┴┘]", " ", capsys.readouterr().out).split())


def test_a_valid_file_is_summarised(history, capsys):
    capsys.readouterr()
    assert main(["validate", str(history)]) == 0
    printed = words(capsys)
    read = read_events(history)
    for fact in ("50 events of 5 parts out of 39", "2000-01-01 to 2000-02-19", "0 of more than one day", read.sha256):
        assert fact in printed
    counts = dict(re.findall(r"(\d+): (\d+)", printed))
    assert len(counts) == 39
    assert sum(map(int, counts.values())) == 250


def test_the_printed_p_value_is_that_of_the_printed_statistic(history, capsys):
    capsys.readouterr()
    main(["validate", str(history)])
    freedom, statistic, p_value = re.search(r"chi2\((\d+)\) = ([\d.]+), p = ([\d.]+)", words(capsys)).groups()
    assert float(p_value) == pytest.approx(chi2(int(freedom)).sf(float(statistic)), rel=0.01)


def test_a_broken_file_is_listed_with_rows_and_columns_and_exits_with_2(history, capsys):
    history.write_text(history.read_text().replace("2000-01-02", "tomorrow").replace("2000-01-05,", "2000-01-05,99"))
    capsys.readouterr()
    assert main(["validate", str(history)]) == 2
    printed = words(capsys)
    assert "3 date a date must be M/D/YYYY or YYYY-MM-DD, but got 'tomorrow'" in printed
    assert "6 m_1 `1 <= part <= 39` must hold, but got '99" in printed
    assert "2 violation(s). Nothing was repaired." in printed


def test_markup_in_a_file_is_shown_and_not_obeyed(tmp_path, capsys):
    path = tmp_path / "[red]name.csv"
    path.write_text("date,m_1\n[bold],1\n")
    assert main(["validate", str(path), "--n-parts", "2", "--n-active", "1"]) == 2
    assert "[bold]" in words(capsys)


def test_what_cannot_be_read_is_a_data_error(tmp_path):
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(DataError):
            main(["validate", str(path)])


def test_converting_changes_to_the_other_layout_and_back_without_changing_the_history(history, tmp_path):
    matrix, parts = tmp_path / "matrix.csv.gz", tmp_path / "parts.csv"
    assert main(["convert", str(history), str(matrix)]) == 0
    assert main(["convert", str(matrix), str(parts)]) == 0
    assert parts.read_bytes() == history.read_bytes()
    assert matrix.stat().st_size > history.stat().st_size / 10
    assert read_events(matrix).sha256 == read_events(history).sha256


def test_the_layout_can_be_chosen(history, tmp_path):
    same = tmp_path / "same.csv"
    main(["convert", str(history), str(same), "--layout", "parts"])
    assert same.read_bytes() == history.read_bytes()


def test_a_broken_file_is_not_converted(history, tmp_path):
    history.write_text(history.read_text() + "2001-01-01,1,2,3,4,4\n")
    with pytest.raises(DataError, match="row 52, column m_5"):
        main(["convert", str(history), str(tmp_path / "new.csv")])
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.parametrize(
    ("options", "signal"),
    [
        ([], Repeat(lag=1)),
        (["--signal", "Repeat", "--lag", "5"], Repeat(lag=5)),
        (["--signal", "Parity", "--a", "3"], Parity(a=3, b=2)),
        (["--signal", "Cycle", "--period", "3.5"], Cycle(period=3.5)),
    ],
)
def test_the_written_history_is_the_one_that_the_options_describe(tmp_path, options, signal):
    path = tmp_path / "new.csv"
    shape = ["--n-parts", "20", "--n-active", "3"]
    main(["synthesize", str(path), "--n-events", "60", "--strength", "2", "--data-seed", "7", *shape, *options])
    expected = synthesize(signal, strength=2.0, n_events=60, data_seed=7, n_parts=20, n_active=3)
    assert read_events(path, n_parts=20, n_active=3).sha256 == expected.history.sha256


@pytest.mark.parametrize("command", [["synthesize"], ["convert", "{history}"]], ids=lambda words: words[0])
def test_an_existing_file_is_replaced_by_force_alone(history, tmp_path, command):
    taken = tmp_path / "taken.csv"
    taken.write_text("precious")
    arguments = [word.format(history=history) for word in command] + [str(taken)]
    with pytest.raises(ConfigError, match="--force"):
        main(arguments)
    assert taken.read_text() == "precious"
    assert main([*arguments, "--force"]) == 0
    assert taken.read_text() != "precious"


def test_an_option_of_another_signal_is_refused_not_ignored(tmp_path):
    with pytest.raises(ConfigError, match="`Repeat` takes lag, but got half_life"):
        main(["synthesize", str(tmp_path / "new.csv"), "--half-life", "9"])


def test_an_option_out_of_range_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ConfigError, match="`1 <= lag` must hold, but got lag=0"):
        main(["synthesize", str(tmp_path / "new.csv"), "--lag", "0"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/new.csv", "x" * 300])
def test_a_place_that_cannot_be_written_is_said(tmp_path, name):
    with pytest.raises(OutputError, match="could not be written"):
        main(["synthesize", str(tmp_path / name), "--n-events", "9"])
    assert list(tmp_path.iterdir()) == []


def test_spaces_and_other_alphabets_in_a_name_are_nothing_special(tmp_path):
    path = tmp_path / "eine Geschichte \u4e8b\u4ef6.csv"
    main(["synthesize", str(path), "--n-events", "9"])
    assert len(read_events(path)) == 9


@pytest.mark.parametrize("command", [[], ["import"], ["validate"], ["convert"], ["synthesize"]], ids=str)
def test_help_is_given_for_every_command(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert "usage: c5snn data" in capsys.readouterr().out


def test_a_command_must_be_chosen(capsys):
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_files_are_checked_and_imported_without_torch(history, tmp_path):
    code = (
        "import sys; from c5snn.cli import main;"
        f"codes = [main(['data', 'validate', {str(history)!r}]),"
        f" main(['data', 'import', {str(history)!r}, {str(tmp_path / 'copy.csv')!r}])];"
        "sys.exit(any(codes) or 'torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.real_data
def test_the_real_history_is_valid(capsys):
    path = Path(__file__).parents[3] / "shared" / "data" / "CA5_date.csv"
    if not path.exists():
        pytest.skip("the real history is absent: no ../shared/data/CA5_date.csv beside the repository")
    assert main(["validate", str(path)]) == 0
    assert "11,692 events" in words(capsys)


def test_recordings_whose_names_share_a_beginning_have_oracles_of_their_own(tmp_path):
    for seed in "12":
        path = tmp_path / f"spikes.seed{seed}.csv"
        assert main(["synthesize", str(path), "--recording", "--n-events", "50", "--data-seed", seed]) == 0
    for seed in "12":
        assert read_sourced(tmp_path / f"spikes.seed{seed}.csv", 100, "varies").oracle is not None


def test_an_oracle_is_not_replaced_unless_forced(tmp_path):
    words = ["--recording", "--n-events", "50"]
    main(["synthesize", str(tmp_path / "spikes.csv"), *words])
    with pytest.raises(ConfigError, match=r"spikes.oracle.npz` does"):
        main(["synthesize", str(tmp_path / "spikes.csv.gz"), *words])
    assert not (tmp_path / "spikes.csv.gz").exists()
    assert main(["synthesize", str(tmp_path / "spikes.csv.gz"), *words, "--force"]) == 0
