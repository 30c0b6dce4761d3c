"""``c5snn schema``: a JSON schema by which an editor completes and checks a YAML file."""

import argparse
import json

from c5snn.commands.flags import CommandParser

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Print the schema of a configuration, or of a sweep's file."""
    options = _parser().parse_args(argv)
    if options.sweep:
        from c5snn.sweeps.json_schema import sweep_schema

        schema = sweep_schema()
    else:
        from c5snn.training.json_schema import configuration_schema

        schema = configuration_schema()
    print(json.dumps(schema, indent=2))
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn schema",
        description="Print the JSON schema of a run's configuration, or of a sweep's file, for an editor.",
        epilog="Write it into a file, such as `c5snn schema > c5snn.schema.json`, and begin a YAML file with "
        "`# yaml-language-server: $schema=c5snn.schema.json`.",
        formatter_class=argparse.HelpFormatter,
    )
    parser.add_argument("--sweep", action="store_true", help="the schema of a sweep's file")
    return parser
