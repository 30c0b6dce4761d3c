"""A prediction as a table in a terminal, with what it is worth."""

from rich.console import Console
from rich.table import Table

from c5snn.training.prediction import Prediction

__all__ = ["print_prediction"]


def print_prediction(prediction: Prediction) -> None:
    """Print the parts, best first, and what the run's test says of them."""
    table = Table(title=f"{prediction.model}: the event after {prediction.after}", title_justify="left")
    for column in ("rank", "part", "score", "probability"):
        table.add_column(column, justify="right")
    for rank, entry in enumerate(prediction.parts, start=1):
        probability = "–" if entry.probability is None else f"{entry.probability:.4f}"
        table.add_row(str(rank), str(entry.part), f"{entry.score:.4f}", probability)
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    console.print(prediction.worth)
