"""A JSON schema of a sweep's file, from the fields of its definition."""

from c5snn.sweeps.spec import Confirm, Screen, SweepSpec
from c5snn.training.json_schema import DRAFT, Schema, fields_schema

__all__ = ["sweep_schema"]

OPTIONS: Schema = {"type": "object", "propertyNames": {"pattern": r"^[A-Za-z_][\w.]*$"}}


def sweep_schema() -> Schema:
    """Return the schema of what ``c5snn sweep`` takes; what an option may be is the configuration's business."""
    names = {"type": "string"}
    special: dict[str, Schema] = {
        "space": OPTIONS,
        "options": OPTIONS,
        "screen": fields_schema(Screen),
        "confirm": {"anyOf": [fields_schema(Confirm), {"type": "null"}]},
        "base": {"anyOf": [names, {"type": "array", "items": names, "minItems": 1}]},
    }
    return {"$schema": DRAFT, "title": "c5snn: a sweep", **fields_schema(SweepSpec, special)}
