"""A whole task in one file: is a number above 0? This is all that a new task has to bring."""

import torch
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics import Accuracy, MetricCollection

from c5snn.data import TaskData, hash_rows
from c5snn.evidence import PermutedLabels, Words
from c5snn.records import DataRecord, TestItems
from c5snn.tasks import ReferenceWords, Task, judge_items


class ToyData(TaskData):
    def setup(self, stage):  # noqa: ARG002  # every stage needs all of it
        numbers, luck = torch.randn(2, 360, generator=torch.Generator().manual_seed(1))
        self.labels = (numbers + 0.1 * luck > 0).long().split(120)
        self.splits = [TensorDataset(*pair) for pair in zip(numbers[:, None].split(120), self.labels, strict=True)]

    def train_dataloader(self):
        return DataLoader(self.splits[0], 40, shuffle=True, generator=torch.Generator().manual_seed(self.order_seed))

    def val_dataloader(self):
        return DataLoader(self.splits[1], 60)

    def test_dataloader(self):
        return DataLoader(self.splits[2], 60)

    def identities(self, split):
        return hash_rows(self.splits[("train", "val", "test").index(split)].tensors[0].numpy())

    def describe(self):
        return DataRecord("numbers", "number", {"train": 120, "val": 120, "test": 120}, "toy", "toy")


class ToyModel(Task):
    data_class = ToyData
    ONES = ReferenceWords("ones", "constant class", "always 1", "learns from its input")

    def __init__(self, hidden_size: int = 4) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.network = torch.nn.Sequential(torch.nn.Linear(1, hidden_size), torch.nn.Linear(hidden_size, 1))

    def forward(self, numbers):
        return self.network(numbers)[:, 0]

    def loss(self, outputs, targets):
        return torch.nn.functional.binary_cross_entropy_with_logits(outputs, targets.float())

    def build_metrics(self, _):
        return MetricCollection({"accuracy": Accuracy("binary")})

    def judge(self, outputs, data):
        labels = torch.stack([data.labels[2], 0 * data.labels[2]], dim=1).numpy()
        said, ones = (outputs > 0).long().cpu().numpy(), (labels[:, 0] == 1) * 1.0
        items = TestItems((said == labels[:, 0]) * 1.0, {"ones": ones}, said, labels)
        words, null = Words("accuracy", "number", "class", "order of the labels"), PermutedLabels.of(said, labels, 2)
        return judge_items(items, null, headline=self.headline(data), words=words, references=[self.ONES], answers=said)
