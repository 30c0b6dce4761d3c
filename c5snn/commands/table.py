"""The commands, each with the function that runs it; importing none of them keeps ``--help`` instant."""

__all__ = ["COMMANDS"]

# name -> (module:function taking the words after it, what it does)
COMMANDS = {
    "fit": ("c5snn.commands.runs:fit", "train a model, keep its best checkpoint"),
    "validate": ("c5snn.commands.runs:validate", "score a checkpoint on the validation split"),
    "test": ("c5snn.commands.runs:test", "score a run on the test split: metrics, p-values, a verdict"),
    "predict": ("c5snn.commands.predict:main", "predict the next event, or the test items of another task"),
    "inspect": (
        "c5snn.commands.inspect:main",
        "show what a trained network does: spikes, membranes, occlusion, energy",
    ),
    "export": ("c5snn.commands.export:main", "write a trained network as ONNX or pt2, for other programs"),
    "sweep": ("c5snn.commands.sweep:main", "screen a grid or search a space, confirm the best, compare with chance"),
    "status": ("c5snn.commands.status:main", "how a sweep is doing, while it runs or after"),
    "analyze": ("c5snn.commands.analyze:main", "what a finished search says: eight steps, fifteen files"),
    "refine": ("c5snn.commands.refine:main", "the next search space, every change with its evidence"),
    "budget": ("c5snn.commands.budget:main", "list the architectures that fit a parameter budget"),
    "report": ("c5snn.commands.report:main", "compare runs and sweeps in one report"),
    "list": ("c5snn.commands.listing:main", "list configurations, sweeps, models, signals and runs"),
    "completion": ("c5snn.commands.completion:main", "print a completion script for bash, zsh or fish"),
    "schema": ("c5snn.commands.schema:main", "print a JSON schema for editing configurations"),
    "data": ("c5snn.commands.data:main", "import, validate, convert or synthesize a history of events"),
}
