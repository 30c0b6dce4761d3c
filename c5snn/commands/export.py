"""``c5snn export``: a trained network as a file for other programs."""

from pathlib import Path

from c5snn.commands.flags import CommandParser

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Export a run's network, and print where it is and how near its outputs are."""
    options, flags = _parser().parse_known_args(argv)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.printable import printable
    from c5snn.training.export import export_run

    show_progress()
    found = export_run([options.run, *flags], form=options.format, output=options.output)
    print(printable(f"{found.model}: inputs of (batch, {', '.join(map(str, found.shape))}), any batch"))
    if found.batch_sizes:
        sizes = ", ".join(map(str, found.batch_sizes))
        print(f"largest difference from the network's own outputs, at batch sizes {sizes}: {found.difference:.2g}")
    print(printable(f"written to {found.path}"))
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn export",
        description="Write a trained network as a file that other programs run, with any batch size. It is kept only "
        "if it gives the network's own outputs on test items.",
    )
    parser.add_argument("run", metavar="RUN", help="a run's folder, or a model's folder for its newest run")
    parser.add_argument(
        "--format",
        choices=("onnx", "pt2"),
        default="pt2",
        help="onnx (extra `onnx`), or pt2 for torch.export.load (default)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: model.onnx or model.pt2 in RUN")
    return parser
