"""Checkpoints that appear whole, carry their SHA-256, and load nothing but tensors and plain values."""

import hashlib
import io
import logging
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO

from c5snn.errors import CheckpointError
from c5snn.files import is_file, write_bytes, write_text
from c5snn.records import DataRecord
from c5snn.records.legacy import legacy_checkpoint_data
from c5snn.records.run_folder import BEST, LAST

__all__ = [
    "OPTIMIZER",
    "Checkpoint",
    "SafeCheckpointIO",
    "differing_arguments",
    "keep_weights_alone",
    "read_checkpoint",
    "trained_on",
]

logger = logging.getLogger(__name__)

Checkpoint = dict[str, Any]

OPTIMIZER = "optimizer_states"  # as Lightning calls them


class SafeCheckpointIO(TorchCheckpointIO):
    """Saves atomically beside a SHA-256 and loads with ``weights_only``. Final."""

    def save_checkpoint(self, checkpoint: Checkpoint, path: str | Path, storage_options: object = None) -> None:
        """Write ``path`` and ``path.sha256``, each whole or not at all.

        Raises:
            OutputError: The disk is full or the folder is not writable; an earlier checkpoint stays whole.
        """
        del storage_options
        target = Path(path)
        if target.name not in {
            BEST,
            LAST,
        }:  # a user's own lie where they like; ours in the run's folder, which is there
            target.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        content = buffer.getvalue()
        # The hash of the earlier file stays listed: killed between the two writes, the pair is still consistent.
        earlier = _listed_hashes(target)[:1]
        write_text(_hash_file(target), "".join(f"{line}\n" for line in [hashlib.sha256(content).hexdigest(), *earlier]))
        write_bytes(target, content)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Any = None,  # noqa: ANN401  # torch's own type
        weights_only: bool | None = None,
    ) -> Checkpoint:
        """Read a checkpoint as :func:`read_checkpoint` does, whatever ``weights_only`` is."""
        del weights_only
        return read_checkpoint(path, map_location)

    def remove_checkpoint(self, path: str | Path) -> None:
        """Remove a checkpoint and its hash."""
        Path(path).unlink(missing_ok=True)
        _hash_file(Path(path)).unlink(missing_ok=True)


def keep_weights_alone(path: Path) -> None:
    """Rewrite a checkpoint without the optimizer's state, two thirds of its size with Adam: no run goes on from it.

    Raises:
        CheckpointError: It cannot be read.
        OutputError: It cannot be written.
    """
    checkpoint = read_checkpoint(path)
    if checkpoint.pop(OPTIMIZER, None) is not None:
        SafeCheckpointIO().save_checkpoint(checkpoint, path)


def read_checkpoint(path: str | Path, map_location: Any = "cpu") -> Checkpoint:  # noqa: ANN401  # torch's own type
    """Read a checkpoint without running any code in it.

    Args:
        path: A file on this machine.
        map_location: Where its tensors go, as in :func:`torch.load`.

    Raises:
        CheckpointError: The file is missing, damaged, not a checkpoint, an address, or holds more than plain values.
    """
    file = Path(path)
    if "://" in str(path) or not is_file(file):
        raise CheckpointError(f"A checkpoint must be a file on this machine, but `{path}` is not.")
    content = file.read_bytes()
    _check_integrity(file, content)
    try:
        checkpoint = torch.load(io.BytesIO(content), map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"`{path}` must hold tensors and plain values only, but holds other objects; none of them was loaded."
        ) from error
    except (RuntimeError, EOFError, KeyError, ValueError) as error:
        raise CheckpointError(f"`{path}` is damaged: {str(error).splitlines()[0]}") from error
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise CheckpointError(f"`{path}` must be a checkpoint with a `state_dict`, but has none.")
    if "_class_path" in checkpoint.get("hyper_parameters", {}):
        raise CheckpointError(f"`{path}` asks for a class by name (`_class_path`); the configuration names the class.")
    return checkpoint


def differing_arguments(checkpoint: Checkpoint, arguments: Mapping[str, object]) -> list[str]:
    """Return which of the model's arguments differ from those that the checkpoint was trained with.

    Returns:
        One phrase each, such as ``"beta: 0.9 in the checkpoint, 0.5 now"``; nothing when all agree.
    """
    trained = checkpoint.get("hyper_parameters", {})
    names = sorted({*trained, *arguments})
    return [
        f"{name}: {_shown(trained, name)} in the checkpoint, {_shown(arguments, name)} now"
        for name in names
        if _plain(trained.get(name)) != _plain(arguments.get(name)) or (name in trained) != (name in arguments)
    ]


def trained_on(checkpoint: Checkpoint) -> DataRecord | None:
    """Return the data that a checkpoint was trained on; None where it is not recorded."""
    if "data" in checkpoint:
        return DataRecord.from_json(checkpoint["data"])
    fields = legacy_checkpoint_data(checkpoint)
    return DataRecord.from_json(fields) if fields else None


def _check_integrity(file: Path, content: bytes) -> None:
    hashes = _listed_hashes(file)
    if hashes and hashlib.sha256(content).hexdigest() not in hashes:
        raise CheckpointError(f"`{file}` is damaged: SHA-256 differs from `{_hash_file(file).name}`.")
    if not hashes:
        logger.warning(
            "%s has no %s beside it; only the checksums inside the file were checked.", file, _hash_file(file).name
        )
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                broken = archive.testzip()
        except (zipfile.BadZipFile, EOFError) as error:
            raise CheckpointError(f"`{file}` is damaged: {error}") from error
        if broken:
            raise CheckpointError(f"`{file}` is damaged: the checksum of `{broken}` in it differs.")


def _listed_hashes(file: Path) -> list[str]:
    listed = _hash_file(file)
    return listed.read_text(encoding="ascii", errors="replace").split() if listed.is_file() else []


def _hash_file(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")


def _shown(arguments: Mapping[str, object], name: str) -> str:
    return repr(arguments[name]) if name in arguments else "absent"


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
