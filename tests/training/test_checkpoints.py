"""Checkpoints: damaged, unsafe or foreign ones are refused; a full disk costs nothing."""

import pickle
import zipfile

import pytest
import torch

from c5snn.cli import main
from c5snn.errors import CheckpointError, OutputError
from c5snn.training.checkpoints import SafeCheckpointIO, read_checkpoint
from c5snn.training.run import train
from tests.test_files import full_disk

CONTENT = {"state_dict": {"weight": torch.arange(1000.0)}, "hyper_parameters": {"beta": 0.5}, "epoch": 3}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "best.ckpt"
    SafeCheckpointIO().save_checkpoint(CONTENT, path)
    return path


def damage(path, how):
    content = bytearray(path.read_bytes())
    if how == "empty":
        content = bytearray()
    elif how == "truncated":
        del content[len(content) // 2 :]
    else:
        content[content.index(torch.arange(1000.0).numpy().tobytes()) + 77] ^= 1
    path.write_bytes(content)


def test_what_is_saved_is_read(saved):
    assert torch.equal(read_checkpoint(saved)["state_dict"]["weight"], torch.arange(1000.0))


@pytest.mark.parametrize("how", ["empty", "truncated", "one bit flipped"])
def test_a_damaged_file_differs_from_its_hash(saved, how):
    damage(saved, how)
    with pytest.raises(CheckpointError, match="damaged: SHA-256 differs"):
        read_checkpoint(saved)


@pytest.mark.parametrize("how", ["empty", "truncated", "one bit flipped"])
def test_without_its_hash_a_damaged_file_is_still_found(saved, how, caplog):
    damage(saved, how)
    saved.with_name("best.ckpt.sha256").unlink()
    with pytest.raises(CheckpointError, match="damaged"):
        read_checkpoint(saved)
    assert "only the checksums inside the file were checked" in caplog.text


def test_without_its_hash_a_whole_file_is_read_with_a_warning(saved, caplog):
    saved.with_name("best.ckpt.sha256").unlink()
    assert read_checkpoint(saved)["epoch"] == 3
    assert "best.ckpt.sha256" in caplog.text


def test_killed_between_the_two_writes_the_pair_is_still_whole(saved):
    old = saved.read_bytes()
    SafeCheckpointIO().save_checkpoint({**CONTENT, "epoch": 4}, saved)
    saved.write_bytes(old)  # as if the new hash were written and the new file not yet
    assert read_checkpoint(saved)["epoch"] == 3


def test_a_full_disk_leaves_the_earlier_checkpoint_whole(saved):
    with full_disk(4_000), pytest.raises(OutputError, match="could not be written"):
        SafeCheckpointIO().save_checkpoint({**CONTENT, "more": torch.zeros(100_000)}, saved)
    assert read_checkpoint(saved)["epoch"] == 3
    assert {path.name for path in saved.parent.iterdir()} == {"best.ckpt", "best.ckpt.sha256"}


class Payload:
    """Would write a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("container", ["torch", "pickle"])
def test_a_payload_is_not_run(tmp_path, container):
    path, trace = tmp_path / "evil.ckpt", tmp_path / "trace"
    if container == "torch":
        torch.save({"state_dict": {}, "evil": Payload(trace)}, path)
    else:
        path.write_bytes(pickle.dumps({"state_dict": {}, "evil": Payload(trace)}))
    with pytest.raises(CheckpointError):
        read_checkpoint(path)
    assert not trace.exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/best.ckpt", "s3://bucket/best.ckpt"])
def test_an_address_is_refused(address):
    with pytest.raises(CheckpointError, match="file on this machine"):
        read_checkpoint(address)


def test_a_checkpoint_names_no_class(tmp_path):
    path = tmp_path / "foreign.ckpt"
    torch.save({**CONTENT, "hyper_parameters": {"_class_path": "os.system", "command": "true"}}, path)
    with pytest.raises(CheckpointError, match="_class_path"):
        read_checkpoint(path)


def test_other_files_are_no_checkpoints(tmp_path):
    path = tmp_path / "other.ckpt"
    torch.save([1, 2, 3], path)
    with pytest.raises(CheckpointError, match="state_dict"):
        read_checkpoint(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", "hello")
    with pytest.raises(CheckpointError):
        read_checkpoint(path)


class TestArgumentsThatDifferFromTheCheckpoint:
    """The new value wins in fit and is refused elsewhere; never does the checkpoint win silently."""

    @pytest.mark.slow
    def test_fit_takes_the_new_value_over_the_buffer_and_says_so(self, small, small_run, caplog):
        start = ["--ckpt_path", str(small_run.folder / "last.ckpt"), "--trainer.max_epochs", "3"]
        run = train([*small, *start, "--model.beta", "0.9"])
        assert "beta: 0.5 in the checkpoint, 0.9 now" in caplog.text
        assert run.folder != small_run.folder
        state = read_checkpoint(run.folder / "last.ckpt")["state_dict"]
        betas = [value for name, value in state.items() if name.endswith("beta")]
        assert betas == [pytest.approx(0.9)]

    @pytest.mark.slow
    def test_unchanged_random_betas_are_those_of_the_checkpoint(self, small):
        drawn = [*small, "--model.beta", "[0.3, 0.9]"]
        first = train(drawn)
        resumed = train([*drawn, "--init_from", str(first.folder), "--seed_everything", "1"])
        betas = [
            next(
                value
                for name, value in read_checkpoint(run.folder / "last.ckpt")["state_dict"].items()
                if "beta" in name
            )
            for run in (first, resumed)
        ]
        assert torch.equal(*betas)

    @pytest.mark.slow
    @pytest.mark.parametrize("command", ["test", "validate", "predict"])
    def test_elsewhere_each_difference_is_named(self, command, small_run, capsys):
        changed = ["--model.beta", "0.9", "--model.dropout", "0.1"]
        assert main([command, str(small_run.folder), *changed]) == 2
        error = capsys.readouterr().err
        assert "beta: 0.5 in the checkpoint, 0.9 now" in error
        assert "dropout: 0.0 in the checkpoint, 0.1 now" in error

    def test_another_architecture_is_named(self, small, small_run, capsys):
        start = ["--ckpt_path", str(small_run.folder / "last.ckpt")]
        assert main(["fit", *small, *start, "--model.hidden_size", "9"]) == 2
        assert "hidden_size: 8 in the checkpoint, 9 now" in capsys.readouterr().err

    def test_another_model_is_named(self, small_run, capsys):
        start = ["--ckpt_path", str(small_run.folder / "best.ckpt")]
        assert main(["fit", "--config", "gru.yaml", *start, "--data.n_events", "260"]) == 2
        assert "another architecture" in capsys.readouterr().err


def test_a_damaged_run_is_not_tested(small_run, capsys):
    content = bytearray((small_run.folder / "best.ckpt").read_bytes())
    content[len(content) // 2] ^= 1
    (small_run.folder / "best.ckpt").write_bytes(content)
    assert main(["test", str(small_run.folder)]) == 2
    assert "damaged" in capsys.readouterr().err
    assert not (small_run.folder / "test_metrics.json").exists()
