"""A model of one weight that takes as long as it likes, for searches that must not notice."""

import os
import time
from typing import ClassVar, final

import torch
from torchmetrics import MetricCollection
from torchmetrics.classification import BinaryAccuracy

from c5snn.evidence import PermutedLabels, Words
from c5snn.records import TestItems
from c5snn.tasks import ReferenceWords, Task, judge_items
from tests.tasks.toy import ToyData


@final
class OneWeight(Task):
    data_class: ClassVar[type[ToyData]] = ToyData
    REFERENCE = ReferenceWords("ones", "constant class", "always 1", "learns from its input")

    def __init__(self, start: float = -1.0, reach: int = 1, bias: float = 0.0) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.bias, self.reach = bias, reach
        self.weight = torch.nn.Parameter(torch.tensor(start))

    def forward(self, numbers):
        return (numbers[:, 0] * self.weight + self.bias) * self.reach

    def on_train_epoch_start(self):
        super().on_train_epoch_start()
        time.sleep(int.from_bytes(os.urandom(2)) / 2**16 * float(os.environ.get("MAX_DELAY_S", "0")))

    def loss(self, outputs, targets):
        return torch.nn.functional.binary_cross_entropy_with_logits(outputs, targets.float())

    def build_metrics(self, _):
        return MetricCollection({"accuracy": BinaryAccuracy()})

    def judge(self, outputs, data):
        answers, labels = (outputs > 0).long().cpu().numpy(), torch.stack([data.labels[2]] * 2, dim=1).numpy()
        labels[:, 1], ones = 0, (labels[:, 0] == 1) * 1.0
        items = TestItems((answers == labels[:, 0]) * 1.0, {"ones": ones}, answers, labels)
        words, ones = Words("accuracy", "number", "class", "order of the labels"), self.REFERENCE
        null = PermutedLabels.of(answers, labels, 2)
        return judge_items(items, null, headline=self.headline(data), words=words, references=[ones], answers=answers)
