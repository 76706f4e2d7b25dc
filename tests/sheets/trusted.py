"""Run the steps of a sheet in this process. Only for code that we wrote ourselves: the known right answers."""

from typing import Any

from autograder import probe
from autograder.runner import StepResult


class TrustedRunner:
    """Runs steps as the sandbox does, without its protection."""

    def run(self, steps: Any, **_: Any) -> list[StepResult]:
        namespace: dict[str, Any] = {}
        results = []
        for step in steps:
            answers = probe.answer(namespace, step.calls["name"], step.calls["cases"]) if step.calls else None
            exec(step.source, namespace)
            results.append(StepResult([], answers))
        return results
