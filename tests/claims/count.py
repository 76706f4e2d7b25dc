"""``python -m tests.claims.count`` prints how many sentences of which notebooks are tested, and in how many settings."""

import importlib
from pathlib import Path

SOLUTIONS = Path(__file__).parents[2] / "solutions"
MODULES = {
    path.stem: importlib.import_module(f"{__package__}.{path.stem}") for path in sorted(SOLUTIONS.glob("*/*.ipynb"))
}
"""The module of each notebook."""


def count_claims() -> tuple[int, int]:
    """The number of sentences, and of the settings in which they are tested."""
    claims = [claim for module in MODULES.values() for claim in module.CLAIMS]
    return sum(len(claim.sentences()) for claim in claims), sum(sum(1 for _ in claim.settings()) for claim in claims)


if __name__ == "__main__":
    num_claims, num_settings = count_claims()
    print(f"{num_claims} sentences of {', '.join(MODULES)}, in {num_settings} settings")
