"""``c5snn completion``: scripts by which bash, zsh and fish complete commands, flags, configurations and runs.

The scripts ask ``c5snn completion words`` for what may stand next, so they know the runs of now.
"""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from c5snn.commands.flags import CommandParser
from c5snn.commands.table import COMMANDS
from c5snn.errors import require_known

__all__ = ["candidates", "main"]

SHELLS = ("bash", "zsh", "fish")
BASH = """\
_c5snn() {
    local IFS=$'\\n'
    COMPREPLY=($(c5snn completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
    [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _c5snn c5snn
"""
ZSH = """\
#compdef c5snn
_c5snn() {
    local -a found
    found=("${(@f)$(c5snn completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    [[ -n $found ]] && compadd -- $found || _files
}
compdef _c5snn c5snn
"""
FISH = """\
complete -c c5snn -a '(c5snn completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}

OF_FIT = (
    "--config", "--model", "--data", "--name", "--seed_everything", "--optimizer", "--optimizer.lr", "--lr_scheduler",
    "--early_stopping.monitor", "--early_stopping.patience", "--ckpt_path", "--init_from", "--quiet", "--verbose",
    "--help", "--help-trainer",
)  # fmt: skip
OF_RUNS = ("fit", "validate", "test", "predict")
TAKE_RUNS = ("validate", "test", "predict", "report")
TAKE_SWEEP_FILES = ("sweep", "budget")
TAKE_SWEEPS = ("status", "analyze", "refine", "report")


def main(argv: list[str]) -> int:
    """Print a shell's script, or what may stand next."""
    if argv[:2] == ["words", "--"]:
        for word in candidates(argv[2:] or [""]):
            print(word)
        return 0
    options = _parser().parse_args(argv)
    require_known("shell", options.shell, SHELLS)
    print(SCRIPTS[options.shell], end="")
    return 0


def candidates(words: Sequence[str]) -> list[str]:
    """Return what may stand in the place of the last word, by its beginning.

    Args:
        words: The words after ``c5snn``, the last one as far as it is written.
    """
    *before, last = words
    found = _all(before, last) if before else [*COMMANDS, "--help", "--version"]
    return sorted({word for word in found if word.startswith(last)})


def _all(before: Sequence[str], last: str) -> list[str]:
    command = before[0]
    if before[-1].startswith("-") and (values := _values(before[-1])) is not None:
        return values
    if last.startswith("-"):
        return _flags(command, before[1:])
    return _arguments(command)


def _values(flag: str) -> list[str] | None:
    """Return the values of a flag; None where they are not known, or it takes none."""
    from c5snn.commands.catalogue import data_classes, models, shipped, signals

    if flag in {"--config", "-c"}:
        return [entry.name for entry in shipped("configs")] + [path.as_posix() for path in Path().glob("*.y*ml")]
    if flag == "--model":
        return [entry.short for entry in models()] + [entry.name for entry in models()]
    if flag == "--data":
        return [entry.name for entry in data_classes()]
    if flag == "--data.signal":
        return [entry.name for entry in signals()]
    if flag == "--init_from":
        return _runs()
    return ["last"] if flag == "--ckpt_path" else None


def _flags(command: str, words: Sequence[str]) -> list[str]:
    from c5snn.commands.catalogue import trainer_options
    from c5snn.commands.run_help import options_named

    own = _own_flags(command)
    if command not in {*OF_RUNS, *TAKE_SWEEP_FILES}:
        return own
    trainer = [f"--trainer.{option.name}" for option in trainer_options()]
    return [*own, *(OF_FIT if command in OF_RUNS else ()), *options_named(words), *trainer]


def _own_flags(command: str) -> list[str]:
    """Return the flags of a command's own parser."""
    if command not in COMMANDS or command in {"fit", "validate", "test"}:
        return []
    module = importlib.import_module(COMMANDS[command][0].partition(":")[0])
    parser: CommandParser = module._parser()  # noqa: SLF001  # every command has one
    return parser.flags


def _arguments(command: str) -> list[str]:
    from c5snn.commands.catalogue import shipped

    found = list[str]()
    if command in TAKE_RUNS:
        found += _runs()
    if command in TAKE_SWEEP_FILES:
        found += [entry.name for entry in shipped("sweeps")]
    if command in TAKE_SWEEPS:
        found += sorted(path.parent.as_posix() for path in Path("sweeps").glob("*/trials"))
    if command == "list":
        found += ["configs", "sweeps", "models", "signals", "runs"]
    if command == "completion":
        found += SHELLS
    if command == "data":
        found += ["import", "validate", "convert", "synthesize"]
    return found


def _runs() -> list[str]:
    """Return the names of runs and their folders, the newest first."""
    from c5snn.commands.catalogue import run_folders
    from c5snn.records.run_folder import RUNS

    folders = run_folders()
    names = dict.fromkeys(folder.relative_to(RUNS).parent.as_posix() for folder in folders)
    return [name for name in names if name != "."] + [folder.as_posix() for folder in folders]


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn completion",
        description="Print the script by which a shell completes commands, flags, configurations, sweeps and runs.",
        epilog='bash: eval "$(c5snn completion bash)" in ~/.bashrc; zsh: the same with zsh in ~/.zshrc, after '
        "compinit; fish: c5snn completion fish > ~/.config/fish/completions/c5snn.fish",
        formatter_class=argparse.HelpFormatter,
    )
    parser.add_argument("shell", metavar="SHELL", help=", ".join(SHELLS))
    return parser
