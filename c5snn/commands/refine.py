"""``c5snn refine``: the next search space from what a finished search says, each change with its evidence; no torch."""

from pathlib import Path

from c5snn.commands.flags import CommandParser

__all__ = ["main"]

DECISIONS = "refinement.json"


def main(argv: list[str]) -> int:
    """Write the next sweep's file and the decisions behind it."""
    options = _parser().parse_args(argv)
    from c5snn.analysis.findings import analyze_search
    from c5snn.analysis.reading import is_table
    from c5snn.analysis.refinement import check_trust, refine_space, refinement_json
    from c5snn.analysis.spec_content import definition_of, with_space
    from c5snn.commands.analyze import read_asked, settings_of
    from c5snn.errors import ConfigError
    from c5snn.files import write_json, write_text
    from c5snn.printable import printable

    if is_table(options.search) and not options.spec:
        raise ConfigError(
            "A foreign table needs `--spec`: a sweep's file with its space, whose `columns` map the table's names."
        )
    read, spec = read_asked(options)
    if not spec:
        spec = definition_of(read.search.source) or {}
        if not spec:
            raise ConfigError(f"`{read.search.source}` holds no definition; give the sweep's file with `--spec`.")
        read = with_space(read, spec)
    findings = analyze_search(read, settings_of(options, spec))
    check_trust(findings, trusts=options.trust_metric)
    output = Path(options.output)
    refinement = refine_space(findings, spec, str(output))
    write_text(output, refinement.text)
    write_json(output.parent / DECISIONS, refinement_json(findings, refinement))
    for entry in refinement.decisions:
        print(printable(f"{entry.decision:<7} {entry.option} (n {entry.n}, confidence {entry.confidence})"))
        for line in entry.evidence if entry.decision != "keep" else ():
            print(printable(f"        {line}"))
    print(printable(f"\n{output} and {output.parent / DECISIONS} written; next: c5snn sweep {output} --dry-run"))
    return 0


def _parser() -> CommandParser:
    from c5snn.commands.analyze import add_reading_options

    parser = CommandParser(
        prog="c5snn refine",
        description="Write the next sweep's file: each option kept, fixed, pruned, expanded or narrowed, "
        "with n, evidence and confidence in a comment above it and in refinement.json. Nothing is fixed, pruned or "
        "narrowed without a corrected p, but an option that changes nothing is dropped. Fewer than 10 complete "
        "trials, or a metric that depends on the batch size, are refused (exit 2).",
    )
    add_reading_options(parser)
    parser.add_argument("--output", required=True, metavar="NEXT.yaml", help="the next sweep's file")
    parser.add_argument(
        "--trust-metric", action="store_true", help="refine by the metric although its check fails; the comments say so"
    )
    parser.set_defaults(top_k=20)
    return parser
