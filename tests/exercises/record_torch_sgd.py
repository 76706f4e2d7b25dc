"""Record what the real `torch.optim.SGD` does, into `torch_sgd.json` next to this file.

    python tests/exercises/record_torch_sgd.py

The gradients of a run are drawn beforehand, so its path depends on the optimizer alone. After each step the gradient
is zeroed in place, as `optimizer.zero_grad(set_to_none=False)` does. A momentum buffer that shared the gradient's
memory would then be zero.
"""

import json
from itertools import product
from pathlib import Path

import numpy as np
import torch

RECORDS = Path(__file__).with_name("torch_sgd.json")

SCHEDULES = {
    "constant": [0.1] * 5,
    "cut to a tenth": [0.1, 0.1, 0.01, 0.01, 0.01],
    "warm-up": [0.0, 0.02, 0.05, 0.1, 0.2],
}

OPTIONS = [
    {"momentum": mu, "dampening": tau, "weight_decay": decay, "nesterov": nesterov, "maximize": maximize}
    for mu, tau, decay, nesterov, maximize in product([0.0, 0.9], [0.0, 0.3], [0.0, 0.1], [False, True], [False, True])
    if not nesterov or (mu > 0 and tau == 0)
]


def run(options: dict, steps: list[dict], theta0: np.ndarray, grads: np.ndarray) -> dict:
    """Record the weights and the momentum buffer after each step. A step may change options, as a schedule does."""
    theta = torch.tensor(theta0, requires_grad=True)
    optimizer = torch.optim.SGD([theta], **options)
    thetas, buffers = [], []
    for changed, grad in zip(steps, grads, strict=True):
        optimizer.param_groups[0].update(changed)
        theta.grad = torch.tensor(grad)
        optimizer.step()
        theta.grad.zero_()
        buffer = optimizer.state[theta].get("momentum_buffer")
        thetas.append(theta.detach().tolist())
        buffers.append(None if buffer is None else buffer.tolist())
    return {"theta0": theta0.tolist(), "grads": grads.tolist(), "thetas": thetas, "buffers": buffers}


def runs() -> list[dict]:
    """Record all options with all schedules, and runs in which the momentum is 0 for a while."""
    rng = np.random.default_rng(541)
    plans = [(name, options, [{"lr": lr} for lr in lrs]) for options in OPTIONS for name, lrs in SCHEDULES.items()]
    off = [{"lr": 0.1, "momentum": mu} for mu in (0.9, 0.9, 0.0, 0.0, 0.5)]
    plans += [("momentum off for a while", {"weight_decay": decay}, off) for decay in (0.0, 0.1)]
    return [
        {"schedule": name, "options": options, "steps": steps, **run(options, steps, *draw(rng))}
        for name, options, steps in plans
    ]


def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Initial weights, and a gradient per step, rounded so that people can read the file."""
    return rng.normal(size=2).round(3), rng.normal(size=(5, 2)).round(3)


def record() -> dict:
    """Everything that `torch_sgd.json` holds."""
    return {"torch": torch.__version__, "runs": runs()}


if __name__ == "__main__":
    text = json.dumps(record(), separators=(",", ":")).replace('{"schedule"', '\n{"schedule"')  # one line per run
    RECORDS.write_text(text + "\n")
    print(RECORDS, f"{RECORDS.stat().st_size / 1000:.0f} kB")
