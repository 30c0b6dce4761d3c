"""What a machine computes with: versions and code that have to be equal wherever the trials of one sweep run.

The function here is sent to machines as its own text, so it stands alone.
"""

__all__ = ["installed_versions"]


def installed_versions() -> dict[str, str]:
    """Return the versions of Python, torch and c5snn, the last with a hash of its code; ``none`` for what is missing.

    Builds of one version of torch, such as those for the CPU and for CUDA, count as equal.
    """
    import hashlib
    import platform
    from importlib import metadata, util
    from pathlib import Path

    def version(name: str) -> str:
        try:
            return metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            return "none"

    spec = util.find_spec("c5snn")
    folders = list(spec.submodule_search_locations or []) if spec else []
    code = hashlib.sha256()
    for file in sorted(file for folder in folders for file in Path(folder).rglob("*.py")):
        code.update(file.read_bytes())
    ours = f"{version('c5snn')} (code {code.hexdigest()[:8]})" if folders else "none"
    return {"Python": platform.python_version(), "torch": version("torch"), "c5snn": ours}
