"""A limit on what a model takes while it is built: it is refused before a machine's memory is full of it.

A layer asks for its memory before it writes to it, so a number with a few digits too many is noticed at once.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from c5snn.errors import ConfigError

__all__ = ["SizeLimit"]

MAX_TENSORS = 10_000
FILLS = {"uniform_", "normal_", "fill_", "zero_"}
FACTORIES = {"empty", "zeros", "ones", "full", "rand", "randn", "empty_strided", "new_empty", "linspace", "arange"}


@final
class SizeLimit(TorchDispatchMode):
    """Refuses, while it is entered, tensors that take together more than this machine's memory.

    Args:
        name: What is built, for the error.
    """

    def __init__(self, name: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own
        self.name = name
        self.max_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        self.n_bytes = self.n_tensors = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  # as overridden
        """Count a new tensor, before it is made where its size is said, or else after.

        What has no values is not filled with any: on the meta device that would take half of the time.
        """
        del types
        name = func.__name__.partition(".")[0]
        if name in FILLS and isinstance(args[0], Tensor) and args[0].is_meta:
            return args[0]
        is_new = name in FACTORIES
        if is_new and args and isinstance(args[0], Sequence):
            self._check(4 * math.prod(args[0]))
        made = func(*args, **kwargs or {})
        if is_new and isinstance(made, Tensor):
            self.n_tensors += 1
            self.n_bytes += made.nbytes
            self._check(0)
        return made

    def _check(self, n_more: int) -> None:
        n_bytes = self.n_bytes + n_more
        if n_bytes > self.max_bytes or self.n_tensors > MAX_TENSORS:
            raise ConfigError(
                f"`{self.name}` must fit this machine's {self.max_bytes / 2**30:.0f} GiB and take at most "
                f"{MAX_TENSORS:,} tensors, but asks for {self.n_tensors:,} tensors and {n_bytes / 2**30:,.1f} GiB "
                "or more; give smaller sizes."
            )
