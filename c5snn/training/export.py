"""A trained network as a file of its own, for other programs: ONNX or torch's own ``pt2``, with any batch size.

A file is kept only if it gives the network's own outputs on test items, at several batch sizes.
"""

import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from c5snn.errors import ConfigError
from c5snn.files import write_bytes
from c5snn.nn import LIF, RecurrentLIF
from c5snn.ops import use
from c5snn.training.opening import open_run, owning_run

__all__ = ["Exported", "FormatName", "export_run", "exported_bytes"]

FormatName = Literal["onnx", "pt2"]

BATCH_SIZES = (1, 2, 3, 7, 32)
RTOL, ATOL = 1e-4, 1e-5
INPUT = "inputs"
EXTRA = "`pip install 'c5snn[onnx]'` installs it"

_logger = logging.getLogger(__name__)


class Exported(NamedTuple):
    """A file that was kept.

    Attributes:
        path: The file.
        model: The model's class.
        shape: The shape of the inputs of one item.
        batch_sizes: Where its outputs were compared with the network's; none where that could not be done.
        difference: The largest difference of an output.
    """

    path: Path
    model: str
    shape: tuple[int, ...]
    batch_sizes: tuple[int, ...]
    difference: float


def export_run(words: Sequence[str], *, form: FormatName, output: Path | None = None) -> Exported:
    """Export a run's best checkpoint.

    Args:
        words: A run's folder and flags.
        form: The kind of file.
        output: The file; None: ``model.onnx`` or ``model.pt2`` in the run's folder.

    Raises:
        ConfigError: The model cannot be exported, its file does not give its outputs, or a package is missing.
        OutputError: The file cannot be written.
    """
    opened = open_run(words, "c5snn export")
    model, data = opened.cli.model.cpu().eval(), opened.cli.datamodule
    items = model.inputs_until(data, as_of=None, item=-1, n_items=max(BATCH_SIZES)).inputs
    if not isinstance(items, Tensor):
        raise ConfigError(f"A network that is exported must take one tensor, but {type(model).__name__} takes several.")
    content, run = exported_bytes(model, items, form)
    sizes = tuple(size for size in BATCH_SIZES if size <= len(items)) if run else ()
    difference = max((_difference(model, run, items[:size]) for size in sizes), default=0.0) if run else 0.0
    path = output or (owning_run(opened) or Path()) / f"model.{form}"
    write_bytes(path, content)
    return Exported(path, type(model).__name__, tuple(items.shape[1:]), sizes, difference)


def exported_bytes(
    model: nn.Module, items: Tensor, form: FormatName
) -> tuple[bytes, Callable[[Tensor], Tensor] | None]:
    """Return the content of an exported file, and the function that the file computes; None where nothing can run it.

    Args:
        model: The model, in evaluation mode and on the processor.
        items: Inputs of at least one item.
        form: The kind of file.

    Raises:
        ConfigError: It cannot be exported, or a package is missing.
    """
    name = type(model).__name__
    _refuse_random(model, items)
    if form == "onnx":
        _require_onnx()
    sample = items[:1].expand(2, *items.shape[1:]).clone()  # a batch of one would be taken for a constant
    with _quietly(), torch.no_grad(), use("reference"), _known_thresholds(model):
        try:
            shapes = ({0: torch.export.Dim.DYNAMIC},)
            program = torch.export.export(model, (sample,), dynamic_shapes=shapes, strict=False)
            return _as_onnx(program) if form == "onnx" else _as_pt2(program)
        # whatever torch raises about what it cannot trace
        except Exception as error:
            reason = str(error).strip().partition("\n")[0]
            raise ConfigError(f"{name} cannot be exported as {form}: {type(error).__name__}: {reason}") from error


def _as_pt2(program: torch.export.ExportedProgram) -> tuple[bytes, Callable[[Tensor], Tensor]]:
    file = io.BytesIO()
    torch.export.save(program, file)
    content = file.getvalue()
    return content, torch.export.load(io.BytesIO(content)).module()


def _as_onnx(program: torch.export.ExportedProgram) -> tuple[bytes, Callable[[Tensor], Tensor] | None]:
    exported: Any = torch.onnx.export(
        program, dynamo=True, input_names=[INPUT], output_names=["outputs"], verbose=False
    )
    content: bytes = exported.model_proto.SerializeToString()
    try:
        from onnxruntime import InferenceSession
    except ImportError:
        _logger.warning("the file is not compared with the network: onnxruntime is not installed; %s", EXTRA)
        return content, None
    session = InferenceSession(content, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    return content, lambda inputs: torch.from_numpy(session.run(None, {given.name: inputs.numpy()})[0])


def _difference(model: nn.Module, run: Callable[[Tensor], Tensor], inputs: Tensor) -> float:
    """Return the largest difference of an output.

    Raises:
        ConfigError: It is more than rounding.
    """
    with torch.no_grad():
        expected, found = model(inputs), run(inputs)
    if expected.shape != found.shape or not torch.allclose(expected, found, rtol=RTOL, atol=ATOL):
        raise ConfigError(
            f"An exported file must give the network's own outputs, but at batch size {len(inputs)} that of "
            f"{type(model).__name__} does not, so no file is kept."
        )
    return float((expected - found).abs().max())


def _refuse_random(model: nn.Module, items: Tensor) -> None:
    outputs = []
    for seed in (1, 2):
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            outputs.append(model(items))
    if not torch.equal(*outputs):
        raise ConfigError(
            f"A network that is exported must give the same outputs for the same inputs, but {type(model).__name__} "
            "draws spikes at random (`rate_coded`), and its outputs differ from call to call."
        )


def _require_onnx() -> None:
    try:
        import onnx  # noqa: F401  # only whether it is there
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"ONNX needs a package that is not installed: {error.name}; {EXTRA}.") from error


@contextmanager
def _known_thresholds(model: nn.Module) -> Iterator[None]:
    """Let the spiking layers know their thresholds as numbers, which a file then holds as constants."""
    layers = [layer for layer in model.modules() if isinstance(layer, LIF | RecurrentLIF)]
    for layer in layers:
        layer.known_threshold = layer.neuron.threshold.item()
    try:
        yield
    finally:
        for layer in layers:
            layer.known_threshold = None


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence what torch says of its own parts."""
    exporter = logging.getLogger("torch.onnx")
    before = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        exporter.setLevel(before)
