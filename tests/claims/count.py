"""``python -m tests.claims.count`` prints how many sentences of which notebooks are tested, and in how many settings."""

import importlib
from pathlib import Path

from .claim import Claim

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def claims_by_notebook() -> dict[str, list[Claim]]:
    """The claims of each notebook that has some."""
    names = sorted(
        path.stem for path in SOLUTIONS.glob("*/*.ipynb") if Path(__file__).with_name(f"{path.stem}.py").exists()
    )
    return {name: importlib.import_module(f"{__package__}.{name}").CLAIMS for name in names}


def count_claims() -> tuple[int, int]:
    """The number of sentences, and of the settings in which they are tested."""
    claims = [claim for of_notebook in claims_by_notebook().values() for claim in of_notebook]
    return len(claims), sum(sum(1 for _ in claim.settings()) for claim in claims)


if __name__ == "__main__":
    num_claims, num_settings = count_claims()
    print(f"{num_claims} sentences of {', '.join(claims_by_notebook())}, in {num_settings} settings")
