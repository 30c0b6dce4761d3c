"""Loggers that a configuration names, beside or in place of TensorBoard: where they write, and what all of them get.

They are opened before training, so one that cannot write fails the run at once. They get the hyperparameters of the
run's row, the curves, and at ``c5snn test`` the test's metrics and its verdict, under the same id where they have one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from c5snn.errors import OutputError
from c5snn.files import write_json
from c5snn.records import TestRecord

__all__ = ["LOGGERS", "close_loggers", "conclude", "placed_loggers", "start_loggers"]

LOGGERS = "loggers.json"
LIGHTNINGS_NAME = "lightning_logs"
PLACED = {CSVLogger.__name__, TensorBoardLogger.__name__}  # without a folder of their own they write into the run's
IDS = {"WandbLogger": "id", "MLFlowLogger": "run_id"}


def placed_loggers(node: Any, folder: Path | None) -> tuple[Any, bool]:  # noqa: ANN401  # as a configuration has it
    """Give the loggers of a configuration their place and, in a run that they have logged before, their id.

    Args:
        node: What the configuration says: nothing, whether to log, a logger, or several.
        folder: The run's folder; None where there is none yet.

    Returns:
        The same, where a ``CSVLogger`` without a folder writes into the run's; and whether the run's own TensorBoard
        is asked for: by default, by ``true``, or as a ``TensorBoardLogger`` without a folder.
    """
    if node is None or isinstance(node, bool):
        return node, node is not False
    ids = _ids(folder)
    kept, wants_ours = [], False
    for named in node if isinstance(node, list) else [node]:
        entry = named.clone()
        name, arguments = entry["class_path"].rpartition(".")[2], entry["init_args"]
        if name in PLACED and not arguments["save_dir"]:
            if name == TensorBoardLogger.__name__:
                wants_ours = True
                continue
            if folder is None:
                continue
            arguments["save_dir"] = str(folder)
            if arguments["name"] == LIGHTNINGS_NAME:
                arguments["name"] = "csv"
        if name in IDS and arguments[IDS[name]] is None:
            arguments[IDS[name]] = ids.get(name)
        kept.append(entry)
    return kept, wants_ours


def start_loggers(loggers: Sequence[Logger], options: Mapping[str, object], folder: Path) -> None:
    """Let every logger make what it writes to, and give it the options; keep the ids under which others know the run.

    Args:
        loggers: Those of a trainer.
        options: The options of the run's row in TensorBoard.
        folder: The run's folder.

    Raises:
        OutputError: A logger cannot write.
    """
    for logger in loggers:
        try:
            _ = logger.experiment  # type: ignore[attr-defined]  # every logger has one
            logger.log_hyperparams(dict(options))
        # whatever a logger's package raises, such as one without a login
        except Exception as error:
            name = type(logger).__name__
            reason = str(error).strip().partition("\n")[0].removesuffix(".") or type(error).__name__
            raise OutputError(f"`{name}` cannot write, so nothing was trained: {reason}.") from error
    ids = {type(logger).__name__: _id(logger) for logger in loggers if type(logger).__name__ in IDS}
    if ids:
        write_json(folder / LOGGERS, ids)


def conclude(loggers: Sequence[Logger], test: TestRecord) -> None:
    """Give every logger the metrics of a test, and those that keep text its verdict."""
    metrics = {f"test_{name}": float(entry.value) for name, entry in test.metrics.items()}
    p_values = {f"test_{name}_p": float(entry.p) for name, entry in test.metrics.items() if entry.p is not None}
    for logger in loggers:
        logger.log_metrics(metrics | p_values)
        if isinstance(logger, WandbLogger):
            logger.experiment.summary["verdict"] = test.verdict.sentence
        elif isinstance(logger, MLFlowLogger):
            logger.experiment.set_tag(logger.run_id, "verdict", test.verdict.sentence)
        logger.save()


def close_loggers(loggers: Sequence[Logger], *, failed: bool = False) -> None:
    """End what would otherwise go on in the next run of this process; Lightning ends all else."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish(exit_code=int(failed))
        elif isinstance(logger, TensorBoardLogger):  # what was added after Lightning's own end has opened it again
            with suppress(OSError):  # of a folder that was removed
                logger.experiment.close()


def _id(logger: Logger) -> str:
    return str(logger.run_id if isinstance(logger, MLFlowLogger) else logger.version)


def _ids(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    with suppress(OSError, ValueError):
        return dict(_entries(json.loads((folder / LOGGERS).read_text(encoding="utf-8"))))
    return {}


def _entries(content: object) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        yield from ((str(name), str(value)) for name, value in content.items())
