"""The display of a run: a bar in a terminal that harms no other line, plain lines in a pipe, as loud as asked."""

import io
import logging
import re
import sys
from contextlib import contextmanager

import pytest

from c5snn.cli import main
from c5snn.commands.console import show_progress

WORDS = ["fit", "--config", "gru.yaml", "--model.hidden_size", "4", "--data.n_events", "120"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self):
        return True


@contextmanager
def own_log():
    """Let the command install its log handler, as in a process of its own."""
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        yield
    finally:
        root.handlers = handlers


@pytest.fixture
def shown_by(workdir, monkeypatch):  # noqa: ARG001  # it writes into the current folder
    """Return a function that calls another in a terminal of 80 columns and returns what standard error got."""

    def call(function, *arguments, **environment):
        stream = Terminal()
        with monkeypatch.context() as patch, own_log():
            for name, value in {"TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "", **environment}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stderr", stream)
            assert not function(*arguments)
        return stream.getvalue()

    return call


def lines_of(text):
    """Return what stands on each line that is not drawn over."""
    return [line.rpartition("\r")[2] for line in ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")]


def test_the_bar_counts_epochs_from_one_and_shows_the_best(shown_by):
    drawn = ESCAPES.sub("", shown_by(main, [*WORDS, "--trainer.max_epochs", "3"]))
    assert "epoch 1/3" in drawn
    assert "epoch 3/3" in drawn
    assert "epoch 0/3" not in drawn
    assert re.search(r"val_recall_at_\d+ 0\.\d{4}, best 0\.\d{4} \([123]\), ≤ \d:\d\d:\d\d left", drawn)
    assert all(len(line) <= 80 for line in re.split("[\r\n]", drawn))


def test_no_line_is_glued_to_the_bar(shown_by):
    lines = lines_of(shown_by(main, [*WORDS, "--trainer.max_epochs", "3"]))
    assert any(line.startswith("Run: lightning_logs/gru/version_0") for line in lines)
    assert any(line.startswith("at most 0.") for line in lines)
    assert not any("━" in line and "at most" in line for line in lines)


@pytest.mark.slow
@pytest.mark.usefixtures("workdir")
def test_a_pipe_gets_plain_lines(capsys):
    with own_log():
        assert main([*WORDS, "--trainer.max_epochs", "2"]) == 0
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert "\r" not in shown.out + shown.err
    assert [line.split()[1] for line in shown.err.splitlines() if line.startswith("epoch ")] == ["1", "2"]
    assert "Parameters to train: " in shown.err
    assert "best epoch " in shown.out


def test_quiet_leaves_the_next_command(shown_by, capsys):
    assert shown_by(main, [*WORDS, "--trainer.max_epochs", "1", "--quiet"]) == ""
    assert capsys.readouterr().out == "c5snn test lightning_logs/gru/version_0\n"


def test_verbose_shows_every_epoch_beside_the_bar(shown_by):
    lines = lines_of(shown_by(main, [*WORDS, "--trainer.max_epochs", "2", "--verbose"]))
    assert [line.split()[1] for line in lines if line.startswith("epoch ") and "train_loss" in line] == ["1", "2"]


def say():
    """Log a line and a warning, of which a quiet command shows the warning."""
    show_progress("quiet")
    log = logging.getLogger("c5snn.training.run")
    log.info("unseen")
    log.warning("seen")


@pytest.mark.parametrize(("no_color", "line"), [("", "\x1b[33mwarning: seen\x1b[0m\n"), ("1", "warning: seen\n")])
def test_a_warning_is_yellow_unless_colour_is_not_wanted_and_quiet_keeps_it(no_color, line, shown_by):
    assert shown_by(say, NO_COLOR=no_color) == line
