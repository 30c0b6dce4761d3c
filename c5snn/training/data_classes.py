"""The kinds of data that a configuration may name: their paths, and the shapes that models take from them."""

import c5snn.data
from c5snn.data import TaskData

__all__ = ["data_class_path", "data_classes", "linked_shapes"]

DEFAULT_DATA = "c5snn.data.EventDataModule"


def data_class_path(named: str | None) -> str:
    """Return the path of the data class that a configuration names.

    Args:
        named: Its name, or a path of it; None where the configuration names none.

    Returns:
        The path; the default's where none is named, and where none is known by the name, which the parser then refuses.
    """
    of_names = {name: _path(cls) for cls in data_classes() for name in _names(cls)}
    return DEFAULT_DATA if named is None else of_names.get(named, DEFAULT_DATA)


def data_classes(parent: type[TaskData] = TaskData) -> list[type[TaskData]]:
    """Return all data classes that are imported."""
    children = parent.__subclasses__()
    return [*children, *(cls for child in children for cls in data_classes(child))]


def linked_shapes(path: str) -> list[str]:
    """Return the shapes that models take from a kind of data; with another kind they are options as others are.

    Args:
        path: The path of the data class.
    """
    return list(dict.fromkeys(shape for cls in data_classes() if _path(cls) == path for shape in cls.links))


def _path(data: type[TaskData]) -> str:
    is_exported = getattr(c5snn.data, data.__name__, None) is data
    return f"{c5snn.data.__name__ if is_exported else data.__module__}.{data.__qualname__}"


def _names(data: type[TaskData]) -> set[str]:
    return {data.__name__, f"{data.__module__}.{data.__qualname__}", _path(data)}
