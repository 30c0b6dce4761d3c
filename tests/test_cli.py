"""The command table: instant help, exit codes, one line per mistake."""

import subprocess
import sys

import pytest

import c5snn
from c5snn.cli import COMMANDS, main


def test_help_names_every_command_and_imports_no_torch():
    code = "import sys; from c5snn.cli import main; main(['--help']); print({'torch', 'numpy'} & {*sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert shown.splitlines()[-1] == "set()"


def test_the_version_is_the_packages(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == c5snn.__version__


def test_no_command_is_a_usage_error():
    assert main([]) == 2


def test_an_unknown_command_is_named_in_one_line(capsys):
    assert main(["fitt"]) == 2
    error = capsys.readouterr().err
    assert error == "c5snn: there is no command 'fitt'. Did you mean `fit`?\n"
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"c5snn {command}" in capsys.readouterr().out


def test_python_m_runs_the_same_command():
    shown = subprocess.run([sys.executable, "-m", "c5snn", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == c5snn.__version__


def test_a_path_that_holds_terminal_codes_is_shown_and_does_not_act(workdir, capsys):
    assert main(["report", str(workdir / "\x1b[31mred\u202e")]) == 2
    error = capsys.readouterr().err
    assert "\\x1b[31mred\\u202e" in error
    assert "\x1b" not in error
