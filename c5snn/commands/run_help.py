"""``--help`` of the commands on one run: ours first, Lightning's trainer options behind ``--help-trainer``."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from c5snn.commands.catalogue import Argument, ShippedClass

__all__ = ["help_asked", "options_named", "run_help"]

HELP, OF_TRAINER, ALL = ("-h", "--help"), "--help-trainer", "all"
WIDTH = 80
COLUMN = 30  # where the text beside an option starts
# what the trainer's options are here, where Lightning's own default is another
TRAINER_DEFAULTS: Final[Mapping[str, str]] = {"max_epochs": "100", "num_sanity_val_steps": "0", "devices": "1"}

OF_FIT = (
    ("--config FILE", "a configuration: a path, a file in ./configs/, or a shipped one"),
    ("--model NAME", "a model: the name of its class or of its file, such as spike_gru"),
    ("--data NAME", "the kind of data: EventDataModule, ArcDataModule or SeriesDataModule"),
    ("--name NAME", "the run's name, its folder below lightning_logs (default: that of the configuration)"),
    ("--seed_everything N", "the seed of the training (default: 42)"),
    ("--optimizer NAME", "a class of torch.optim (default: Adam); --optimizer.lr 1e-3 and so on"),
    ("--lr_scheduler NAME", "a class of torch.optim.lr_scheduler or c5snn.training.schedules"),
    ("--early_stopping.patience N", "validations without improvement after which a run ends (default: 10)"),
    ("--early_stopping.monitor NAME", "the metric that chooses the best epoch (default: the task's headline)"),
    ("--trainer.max_epochs N", "the most epochs (default: 100)"),
    ("--ckpt_path last", "go on with the newest run of this name; or with a given last.ckpt"),
    ("--init_from RUN", "start a new run with the weights of another"),
    ("--quiet, --verbose", "show warnings and the next command alone; show every epoch, too"),
)
EXAMPLE = """\
example:
  c5snn fit --config spike_gru.yaml --data.path history.csv --name first
  c5snn test first
"""
RUN = """\
RUN is a run's folder, such as lightning_logs/spike_gru/version_0, or a name,
such as spike_gru or original/spike_gru: its newest run with a checkpoint.
RUN alone is enough: model, data and options are those that it was trained
with. Flags of `c5snn fit` change them, such as --data.path newer.csv.
"""
OF_RUNS = {
    "validate": "Scores a run on its validation split. Validation chooses, so it has no p-value.",
    "test": "Scores a run once on its test split: metrics beside chance and baselines, p-values, a verdict.",
}
MORE_OF_RUNS = """\
without a run:
  c5snn {command} --config frequency.yaml     a baseline with nothing to train
  c5snn {command} --config FILE --ckpt_path FILE

options:
  --quiet, --verbose          show the verdict alone; show what libraries log
  --help all                  every option of model, data and trainer
"""


def help_asked(command: str, words: Sequence[str]) -> bool:
    """Return whether the words ask for a help of ours; ``--help all`` is LightningCLI's.

    Args:
        command: ``fit``, ``validate`` or ``test``.
        words: The words after it.
    """
    if OF_TRAINER in words and command == "fit":
        return True
    asked = [i for i, word in enumerate(words) if word in HELP]
    return bool(asked) and words[asked[0] + 1 : asked[0] + 2] != [ALL]


def run_help(command: str, words: Sequence[str]) -> str:
    """Return the help of a command.

    Args:
        command: ``fit``, ``validate`` or ``test``.
        words: The words after it; the model and the data that they name are those whose options are shown.
    """
    if command != "fit":
        says = textwrap.fill(OF_RUNS[command], WIDTH)
        return f"usage: c5snn {command} RUN\n\n{says}\n\n{RUN}\n{MORE_OF_RUNS.format(command=command)}"
    if OF_TRAINER in words:
        return _trainer_help()
    from c5snn.commands.catalogue import data_classes, models, shipped

    model = _named(words, "model", models()) or _named(["--model", "SpikeGRU"], "model", models())
    data = _named(words, "data", data_classes()) or data_classes()[0]
    parts = [
        "usage: c5snn fit --config FILE [--name NAME] [options]",
        "Trains a model, keeps the best epoch by validation, and records the run.",
        EXAMPLE.rstrip(),
        _block("shipped configurations (`c5snn list configs` says what each is)", _wrapped(shipped_names(shipped))),
        _block("options of a run", _options(OF_FIT)),
    ]
    if model is not None:
        title = f"options of the model {model.name} (another: c5snn fit --model NAME --help)"
        parts.append(_block(title, _options(_arguments("model", model.arguments, data.links))))
    title = f"options of the data {data.name} (another: c5snn fit --data NAME --help)"
    parts.append(_block(title, _options(_arguments("data", data.arguments))))
    more = [
        (OF_TRAINER, "options of Lightning's trainer: devices, precision, limits, callbacks, …"),
        ("--help all", "every option and every class, as LightningCLI lists them"),
    ]
    parts.append(_block("more help", _options(more)))
    return "\n\n".join(parts)


def options_named(words: Sequence[str]) -> list[str]:
    """Return the options of the model and the data that words name, of the default ones where they name none."""
    from c5snn.commands.catalogue import data_classes, models

    model = _named(words, "model", models()) or _named(["--model", "SpikeGRU"], "model", models())
    data = _named(words, "data", data_classes()) or data_classes()[0]
    of_model = _arguments("model", model.arguments, data.links) if model else []
    return [option for option, _ in [*of_model, *_arguments("data", data.arguments)]]


def shipped_names(shipped: "Callable[..., Iterable[tuple[str, str]]]") -> str:
    """Return the names of the shipped configurations."""
    return " ".join(name for name, _ in shipped("configs"))


def _trainer_help() -> str:
    from c5snn.commands.catalogue import trainer_options

    options = [option._replace(default=TRAINER_DEFAULTS.get(option.name, option.default))
               for option in trainer_options()]  # fmt: skip
    title = "options of Lightning's trainer"
    return f"usage: c5snn fit --config FILE [options]\n\n{_block(title, _options(_arguments('trainer', options)))}"


def _named(words: Sequence[str], section: str, classes: "Sequence[ShippedClass]") -> "ShippedClass | None":
    """Return the class that the words name last in a section, by a flag or in a configuration; None for one's own."""
    from c5snn.errors import C5Error
    from c5snn.training.config_files import named_class, resolve_configs

    try:
        name = named_class(resolve_configs([word for word in words if word not in HELP]), section)
    except C5Error:  # the command itself says what is wrong
        return None
    return next((entry for entry in classes if name and name.rpartition(".")[2] in {entry.name, entry.short}), None)


def _arguments(section: str, arguments: "Iterable[Argument]", hidden: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the options of a class."""
    return [
        (f"--{section}.{argument.name}", f"{_short(argument.says)}{_default(argument.default)}")
        for argument in arguments
        if argument.name not in hidden
    ]


def _short(says: str) -> str:
    """Return the first sentence of what is said of an argument."""
    sentence = says.replace("``", "").partition(". ")[0].partition("; ")[0]
    return sentence.removesuffix(".")


def _default(default: str) -> str:
    if not default:
        return " (must be given)"
    return "" if default == "None" or default.isupper() else f" (default: {default.strip(chr(39))})"


def _options(entries: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for option, says in entries:
        text = textwrap.wrap(says, WIDTH - COLUMN, break_long_words=False, break_on_hyphens=False) or [""]
        is_beside = len(option) + 4 <= COLUMN
        lines += (
            [f"  {option:<{COLUMN - 2}}{text[0]}".rstrip()] if is_beside else [f"  {option}", " " * COLUMN + text[0]]
        )
        first = [f"  {option:<{COLUMN - 2}}{text[0]}".rstrip()] if is_beside else [f"  {option}"]
        lines += [*first, *(" " * COLUMN + line for line in text[is_beside:])]
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _block(title: str, lines: Sequence[str]) -> str:
    heading = textwrap.fill(f"{title}:", WIDTH, break_on_hyphens=False)
    return "\n".join([heading, *lines])
