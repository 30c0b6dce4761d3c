"""The task of the next event keeps the contract of every task."""

import torch

from c5snn.data import EventDataModule
from c5snn.models import GRU
from tests.tasks.contract import TaskContract


class TestNextEvent(TaskContract):
    def data(self):
        return EventDataModule(n_events=800, strength=0.0, window=5)

    def model(self):
        return GRU(hidden_size=8)

    def constant_outputs(self, data):
        counts = torch.from_numpy(data.train_part_counts()).double()
        return counts.expand(len(data.targets("test")), -1)
