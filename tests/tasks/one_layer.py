"""The smallest encoder that is trained: mean embeddings of the cells, and one layer."""

from typing import final

import torch
from torch import nn

from c5snn.data.arc.grids import PADDING
from c5snn.tasks import CategoryModule


@final
class OneLayer(CategoryModule):
    def __init__(self, n_categories: int = 9, width: int = 8, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.label_smoothing = label_smoothing
        self.cells = nn.Embedding(PADDING + 1, width, padding_idx=PADDING)
        self.output = nn.Linear(2 * width, n_categories)

    def forward(self, pairs):
        means = [
            self.cells(tokens).sum((1, 2, 3)) / (tokens != PADDING).sum((1, 2, 3))[:, None]
            for tokens in (pairs.inputs, pairs.outputs)
        ]
        return self.output(torch.cat(means, dim=1))
