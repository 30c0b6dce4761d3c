"""The rules of the synthetic tasks: a family of rules for each category, several rules a family.

A rule is drawn once a task: it fixes what all demonstrations share, such as an angle or a template, and returns what
draws one demonstration.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from c5snn.data.arc.grids import Pair
from c5snn.data.arc.rules.content import COLOR_RULES, SET_RULES, TEMPLATE_RULES
from c5snn.data.arc.rules.layout import COMPOSITION_RULES, SCALING_RULES, TRANSFORM_RULES
from c5snn.data.arc.rules.structure import COMPONENT_RULES, GROWTH_RULES, PACKING_RULES

__all__ = ["FAMILIES", "Draw", "Rule"]

Draw = Callable[[np.random.Generator], Pair]
Rule = Callable[[np.random.Generator], Draw]

FAMILIES: Final[dict[str, tuple[Rule, ...]]] = {
    "S1": TRANSFORM_RULES,
    "S2": COMPOSITION_RULES,
    "S3": COMPONENT_RULES,
    "C1": COLOR_RULES,
    "C2": TEMPLATE_RULES,
    "K1": SCALING_RULES,
    "L1": SET_RULES,
    "A1": GROWTH_RULES,
    "A2": PACKING_RULES,
}
