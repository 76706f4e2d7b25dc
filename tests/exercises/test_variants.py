"""A right answer in another style passes the visible checks too: a student must not be told that it is wrong."""

import nbformat
import pytest

from autograder import exercises
from autograder.authoring.simulate import answer_texts, make_submission, parse_answers
from autograder.runner import RunnerError, Step, open_runner

pytestmark = pytest.mark.slow

ROUNDS = {name: max(len(e.variants) for e in known) for name, known in exercises.by_notebook.items()}


@pytest.fixture(scope="module")
def runner():
    try:
        with open_runner() as runner:
            yield runner
    except RunnerError as error:
        pytest.skip(f"needs a sandbox: {error}")


@pytest.fixture(scope="module")
def right_answers():
    """Of each notebook and exercise, the variants: pairs of a name and a text."""
    return {
        name: {
            exercise.name: list(answer_texts(exercise, parse_answers(exercises, name), "variants"))
            for exercise in known
        }
        for name, known in exercises.by_notebook.items()
    }


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, rounds in ROUNDS.items() for n in range(rounds)])
def test_every_variant_passes_the_visible_checks(name, number, repository, runner, right_answers):
    given = {exercise: known[number % len(known)] for exercise, known in right_answers[name].items()}
    (source,) = (repository / "solutions").glob(f"*/{name}.ipynb")
    nb = make_submission(nbformat.read(source, 4), {exercise: text for exercise, (_, text) in given.items()})
    cells = [cell for cell in nb.cells if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", [])]
    failed = {}
    for cell, result in zip(cells, runner.run([Step(cell.source) for cell in cells]), strict=True):
        for output in result.outputs:
            if output["output_type"] == "error":
                failed[cell.id] = f"{output['ename']}: {output['evalue']}"
    assert not failed, {exercise: variant for exercise, (variant, _) in given.items()}
