"""What a shell offers next: commands, flags, shipped files and the runs of the folder; with bash itself where it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from c5snn.cli import COMMANDS, main
from c5snn.commands.completion import candidates


@pytest.fixture
def runs(workdir):
    """Make the folders of two runs."""
    for name in ("spike_gru", "original/gru"):
        folder = workdir / "lightning_logs" / name / "version_0"
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("model: GRU\n")


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["f"], ["fit"]),
        (["comp"], ["completion"]),
        (["fit", "--conf"], ["--config"]),
        (["fit", "--config", "original/spike"], ["original/spike_gru.yaml"]),
        (["fit", "--model", "spike_"], ["spike_gru"]),
        (["fit", "--model", "gru", "--model.h"], ["--model.hidden_size"]),
        (["fit", "--config", "arc_cnn.yaml", "--data.lab"], ["--data.labels"]),
        (["fit", "--data.signal", "Par"], ["Parity"]),
        (["fit", "--trainer.max_ep"], ["--trainer.max_epochs"]),
        (["sweep", "phase_b.y"], ["phase_b.yaml"]),
        (["sweep", "--dry"], ["--dry-run"]),
        (["test", "orig"], ["original/gru"]),
        (["report", "lightning_logs/sp"], ["lightning_logs/spike_gru/version_0"]),
        (["fit", "--ckpt_path", ""], ["last"]),
        (["list", "r"], ["runs"]),
        (["nothing", "x"], []),
    ],
)
def test_what_may_stand_next_is_offered_by_its_beginning(words, offered):
    assert candidates(words) == offered


@pytest.mark.usefixtures("runs")
def test_every_command_is_offered_and_none_fails():
    assert set(COMMANDS) <= set(candidates([""]))
    for command in COMMANDS:
        assert all(word.startswith("--") for word in candidates([command, "--"]))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_reads_its_script(shell, workdir, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "c5snn completion words -- " in script
    if shutil.which(shell) is not None:
        (workdir / "script").write_text(script)
        subprocess.run([shell, "-n", "script"], check=True)


@pytest.mark.usefixtures("runs")
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_a_configuration(capsys):
    assert main(["completion", "bash"]) == 0
    asking = f'c5snn() {{ "{sys.executable}" -m c5snn "$@"; }}\n{capsys.readouterr().out}'
    line = 'COMP_WORDS=(c5snn fit --config original/spike_); COMP_CWORD=3; _c5snn; printf "%s\\n" "${COMPREPLY[@]}"'
    shown = subprocess.run(["bash", "-c", f"{asking}\n{line}"], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["original/spike_gru.yaml"]


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("shell", "asking"),
    [
        ("fish", 'c5snn completion fish | source; complete -C "c5snn fit --config original/spike_"'),
        (
            "zsh",
            (
                'autoload -Uz compinit; compinit -u; eval "$(c5snn completion zsh)"; compadd() { print -l -- "$@" }; '
                "words=(c5snn fit --config original/spike_); CURRENT=4; _c5snn"
            ),
        ),
    ],
)
def test_fish_and_zsh_complete_a_configuration(shell, asking, monkeypatch):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    flags = ["-f"] if shell == "zsh" else []
    shown = subprocess.run([shell, *flags, "-c", asking], capture_output=True, text=True, check=True)
    assert shown.stdout.split() in (["original/spike_gru.yaml"], ["--", "original/spike_gru.yaml"])
