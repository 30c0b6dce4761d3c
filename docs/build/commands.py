"""Commands of a page, run when the site is built, each followed by what it printed.

A fenced block whose language is followed by ``run`` is run by bash; all blocks of a page share one new folder.
``python file=NAME`` and ``yaml file=NAME`` write the block into that folder instead. ``tail=N`` keeps the last N lines
that a command prints, ``exit=N`` says with which status it must end.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

BLOCK = re.compile(
    r"^```(?P<language>\w+) (?P<kind>run|file=(?P<file>\S+))(?P<options>[^\n]*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Run the commands of a page, and put what they print below each."""
    if not BLOCK.search(markdown):
        return markdown
    with tempfile.TemporaryDirectory() as folder:
        return BLOCK.sub(_runner(Path(folder), page.file.src_uri), markdown)


def _runner(folder: Path, name: str) -> Callable[[re.Match[str]], str]:
    def run(block: re.Match[str]) -> str:
        shown = f"```{block['language']}\n{block['code']}```"
        if block["file"]:
            (folder / block["file"]).write_text(block["code"], encoding="utf-8")
            return f"`{block['file']}`:\n\n{shown}"
        options = dict(option.split("=") for option in block["options"].split())
        printed = _printed(block["code"], folder, int(options.get("exit", 0)), name)
        lines = printed.rstrip().splitlines()
        kept = lines[-int(options.get("tail", len(lines) or 1)) :]
        told = "\n".join(["…"] * (len(kept) < len(lines)) + kept)
        return f"{shown}\n\n```text\n{told}\n```" if told else shown

    return run


def _printed(code: str, folder: Path, status: int, name: str) -> str:
    """Return what a block prints, errors and messages included."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "COLUMNS": "100", "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    shell = ["bash", "-euo", "pipefail", "-c", code]
    done = subprocess.run(  # noqa: S603  # the page's own commands
        shell, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != status:
        raise PluginError(
            f"{name}: `{code.strip()}` must end with {status}, but it ended with {done.returncode}:\n{done.stdout}"
        )
    return done.stdout.replace(str(folder), ".")
