"""Pages of the site that are made from files elsewhere: README, CONTRIBUTING, CHANGELOG, and the reference."""

import ast
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
COPIES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
PACKAGES = {
    "models": "Models",
    "tasks": "Tasks",
    "data": "Data",
    "metrics": "Metrics",
    "evidence": "Evidence",
    "records": "Records",
    "training": "Training",
    "sweeps": "Sweeps",
    "analysis": "Analysis of searches",
    "notebook": "Notebooks",
    "nn": "Layers",
    "ops": "Operations",
}
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the pages of the reference."""
    pages = [{title: f"reference/{package}.md"} for package, title in PACKAGES.items()]
    config.nav = [{"Reference": pages} if entry == {"Reference": "reference/"} else entry for entry in config.nav or []]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    for source, name in COPIES.items():
        files.append(File.generated(config, name, content=_linked((ROOT / source).read_text(encoding="utf-8"))))
    for package, title in PACKAGES.items():
        files.append(File.generated(config, f"reference/{package}.md", content=_reference(package, title)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Let links of a page lead to where the site has their targets."""
    return _linked(markdown)


def _linked(markdown: str) -> str:
    return LINK.sub(lambda link: f"]({_place(link[1])}{link[2] or ''})", markdown)


def _place(target: str) -> str:
    """Return where the site has what a link of a file in the repository leads to."""
    inside = target.removeprefix("../").removeprefix("docs/")
    return COPIES.get(inside, inside) if target.startswith(("../", "docs/")) or inside in COPIES else target


def _reference(package: str, title: str) -> str:
    """Return the page of a package: each module that has public names, with these names."""
    folder = ROOT / "c5snn" / package
    head = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    parts = [f"# {title}", head]
    for path in sorted(folder.rglob("*.py")):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        names = _public_names(path)
        if names and path.name != "__init__.py" and not path.name.startswith("_"):
            members = "".join(f"        - '{name}'\n" for name in names)
            parts.append(f"::: {dotted}\n    options:\n      heading_level: 2\n      members:\n{members}")
    return "\n\n".join(parts)


def _public_names(path: Path) -> list[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return []
