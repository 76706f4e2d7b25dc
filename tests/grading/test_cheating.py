"""Attacks on the grader: a notebook with a wrong sigmoid gets no points, whatever its cells do."""

import copy
import json
import subprocess
from dataclasses import dataclass

import nbformat
import numpy as np
import pytest

from autograder.grading import preprocessors
from autograder.grading.exercise_cells import make_step
from autograder.grading.records import Outcome
from tests.attacks import REACHED, UNFREEZE, has_reached
from tests.conftest import SIGMOID_POINTS, add_settings, exercises

from .conftest import ASSIGNMENT, index_of, read_autograded, submit_and_grade

WRONG = "import numpy as np\n\nCALLS = globals().get('CALLS', [])\ndef sigmoid(z):\n    CALLS.append(z)\n    return np.tanh(z)"
ANSWERS_WITH_AN_OBJECT = "def sigmoid(z):\n    CALLS.append(z)\n    return ANSWER"


@dataclass(frozen=True)
class Attack:
    """The first cell of a notebook, and what is true in its last cell if the first one had its effect.

    Without `proof`, the code itself prints `REACHED` at its target.
    """

    code: str
    proof: str = ""


ATTACKS = {
    "np.allclose always returns True": Attack(
        "import numpy as np\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True", "np.allclose(0, 1)"
    ),
    "numpy.testing never raises": Attack(
        "import numpy.testing as t\nt.assert_allclose = t.assert_array_equal = t.assert_array_almost_equal = lambda *a, **k: None",
        "t.assert_allclose(0, 1) is None",
    ),
    "lectrain.check never raises": Attack(
        "import lectrain.check as c\nNAMES = [name for name in dir(c) if name.startswith('expect')]\n"
        "for name in NAMES: setattr(c, name, lambda *a, **k: None)",
        "len(NAMES) > 3",
    ),
    "an answer that equals everything": Attack(
        "class Yes:\n"
        "    dtype, shape, ndim, size = float, (), 0, 1\n"
        "    __array_priority__ = 1e9\n"
        "    def __array_function__(self, *a): return True\n"
        "    def __array_ufunc__(self, *a, **k): return self\n"
        "    def __array__(self, dtype=None, copy=None):\n"
        "        import numpy as np\n        return np.ones(())\n"
        "    def __eq__(self, other): return True\n"
        "    def __le__(self, other): return True\n"
        "    __lt__ = __ge__ = __gt__ = __ne__ = __eq__\n"
        "    def __hash__(self): return 0\n"
        "    def __bool__(self): return True\n"
        "    def __float__(self): return 1.0\n"
        "    def __add__(self, other): return self\n"
        "    __sub__ = __mul__ = __truediv__ = __radd__ = __rsub__ = __rmul__ = __getitem__ = __add__\n"
        "    def __len__(self): return 1\n"
        "ANSWER = Yes()",
        "sigmoid(0) == 7 and len(CALLS) > 5",
    ),
    "asserts are removed from the source": Attack(
        "REMOVED = []\n"
        "def without_asserts(lines):\n"
        "    REMOVED.extend(line for line in lines if 'expect' in line or 'assert' in line)\n"
        "    return [line for line in lines if 'expect' not in line and 'assert' not in line]\n"
        "get_ipython().input_transformers_post.append(without_asserts)",
        "REMOVED",
    ),
    "asserts are removed from the syntax tree": Attack(
        "import ast\nREMOVED = []\n"
        "class Drop(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return REMOVED.append(node) or ast.Pass()\n"
        "    def visit_Expr(self, node): return node if 'reached' in ast.unparse(node) else self.visit_Assert(node)\n"
        "get_ipython().ast_transformers.append(Drop())",
        "REMOVED",
    ),
    "exceptions are suppressed": Attack(
        "get_ipython().set_custom_exc((BaseException,), lambda *a, **k: SUPPRESSED.append(1))\nSUPPRESSED = []",
        "SUPPRESSED",
    ),
    "tracebacks are hidden": Attack(
        "HIDDEN = []\nget_ipython().showtraceback = lambda *a, **k: HIDDEN.append(1)", "HIDDEN"
    ),
    "a hook before each cell": Attack(
        "RUNS = []\nget_ipython().events.register('pre_run_cell', lambda info: (RUNS.append(1), setattr(info, 'raw_cell', '20.0')))",
        "len(RUNS) > 5",
    ),
    "a hook after each cell": Attack(
        "RUNS = []\nget_ipython().events.register('post_run_cell', lambda r: (RUNS.append(1), setattr(r, 'error_in_exec', None), setattr(r, 'result', 20.0)))",
        "len(RUNS) > 5",
    ),
    "every cell succeeds": Attack(
        "shell = get_ipython()\nrun = shell.run_cell\n"
        f"def fake(*a, **k):\n    print('{REACHED}')\n    return run('20.0')\n"
        "shell.run_cell = fake"
    ),
    "a printed score": Attack(
        f"print('20.0')\nimport sys\nprint('20.0', file=sys.__stdout__, flush=True)\nprint('{REACHED}')"
    ),
    "a displayed score": Attack(
        f"from IPython.display import display\ndisplay({{'text/plain': '20.0'}}, raw=True)\nprint('{REACHED}')\n20.0"
    ),
    "the probe is replaced": Attack(
        f"{UNFREEZE}FORGED = []\n"
        "def answer(*a, **k):\n    FORGED.append(a)\n"
        "    return {'answers': [{'value': {'float': (0.5).hex()}, 'warned': []}] * 20}\n"
        "for m in modules:\n"
        "    if hasattr(m, 'answer') and hasattr(m, 'encode'): m.answer = answer",
        "FORGED",
    ),
    "the probe is rewritten while it runs": Attack(
        "import sys\nREWRITTEN = []\n"
        "class Rewrites(list):\n"
        "    def append(self, z):\n"
        "        f = sys._getframe()\n"
        "        while f and 'encode_answer' not in f.f_globals: f = f.f_back\n"
        "        if f:\n"
        "            f.f_globals['encode'] = f.f_globals['encode_answer'] = lambda *a, **k: {'float': (0.5).hex()}\n"
        "            f.f_globals['CallMemory'].argument.__globals__['FACTORIES'].clear()\n"
        "            REWRITTEN.append(f)\n"
        "CALLS = Rewrites()",
        "REWRITTEN",
    ),
    "an array subclass with forged bytes": Attack(
        "import numpy as np\nclass Lies(np.ndarray):\n    def tobytes(self, *a): return b''\n"
        "    def __array__(self, *a, **k): return np.full(self.shape, 0.5)\n"
        "ANSWER = np.zeros(7).view(Lies)",
        "len(CALLS) > 5",
    ),
    "a namespace that returns another function": Attack(
        "ASKED = []\n"
        "class Lies(dict):\n"
        "    def __getitem__(self, name):\n"
        "        if name != 'sigmoid': return dict.__getitem__(self, name)\n"
        "        ASKED.append(name)\n        return lambda z: 0.5\n"
        "get_ipython().user_ns = Lies(globals())",
        "len(ASKED) > 5",
    ),
    "a thread that keeps replacing the function": Attack(
        "import threading, time\ndef change():\n    while True:\n"
        "        globals()['sigmoid'] = lambda z: z\n        time.sleep(0.001)\n"
        "threading.Thread(target=change, daemon=True).start()",
        "sigmoid(5) == 5",
    ),
    "sys.exit": Attack(f"import sys\ntry:\n    sys.exit(0)\nfinally:\n    print('{REACHED}')"),
    "a score printed at exit": Attack(
        "import atexit\nBEFORE = atexit._ncallbacks()\natexit.register(lambda: print('20.0'))",
        "atexit._ncallbacks() > BEFORE",
    ),
    "floating-point warnings are disabled": Attack(
        "import numpy as np\nnp.seterr(all='ignore')\nimport warnings\nwarnings.simplefilter('ignore')",
        "set(np.geterr().values()) == {'ignore'}",
    ),
    "a forged autograder module": Attack(
        "import sys, types\nfake = types.ModuleType('autograder')\nfake.check = lambda *a, **k: 20.0\nsys.modules['autograder'] = fake\n20.0",
        "__import__('autograder').check(0) == 20",
    ),
    "a search of all objects for the reference": Attack(
        f"{UNFREEZE}found = [o for o in gc.get_objects() if isinstance(o, dict) and 'reference' in o and 'rules' in o]\n"
        "globals().update(found[0] if found else {})",
        "any(hasattr(m, 'answer_one_by_one') for m in modules)",  # it sees the probe, which is as old as a reference would be
    ),
}


def with_sigmoid(nb, text):
    """Replace the solution of sigmoid."""
    solutions = [
        cell
        for cell in nb.cells[: index_of(nb, "sigmoid")]
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    ]
    solutions[-1].source = text
    return nb


def test_a_wrong_sigmoid_gets_no_points(course, unsolved):
    assert submit_and_grade(course, with_sigmoid(unsolved, WRONG)).score == 0


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.attack("points")
def test_an_attack_does_not_change_the_score(course, unsolved, attack):
    wrong = with_sigmoid(unsolved, ANSWERS_WITH_AN_OBJECT if "ANSWER" in attack.code else WRONG)
    wrong.cells.insert(0, nbformat.v4.new_code_cell(f"CALLS = []\n{attack.code}"))
    if attack.proof:
        wrong.cells.append(nbformat.v4.new_code_cell(f"if {attack.proof}: print('{REACHED}')"))
    assert submit_and_grade(course, wrong).score == 0
    assert has_reached(read_autograded(course))


@pytest.mark.parametrize(
    "code",
    ["import os\nos._exit(0)", "import os\nos._exit(77)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"],
)
@pytest.mark.attack("crashes")
def test_a_process_that_ends_itself_gains_no_points(course, unsolved, code):
    wrong = with_sigmoid(unsolved, WRONG)
    wrong.cells.insert(0, nbformat.v4.new_code_cell(code))
    record = submit_and_grade(course, wrong)
    assert (record.score, record.outcome) == (0, Outcome.CRASHED)


SAVES_INPUTS = (
    "import numpy as np\n\nINPUTS = []\ndef sigmoid(z):\n    INPUTS.append(np.asarray(z, float).tolist())\n    return z"
)


def spy(unsolved):
    """A notebook that prints the inputs of `sigmoid` in its last cell."""
    spying = with_sigmoid(unsolved, SAVES_INPUTS)
    spying.cells.append(nbformat.v4.new_code_cell("print(INPUTS)"))
    return spying


def inputs_of(course, nb):
    submit_and_grade(course, nb)
    return read_autograded(course).cells[-1].outputs[0].text


HAS_A_TABLE = """
import numpy as np

TABLE = {{np.asarray(z).tobytes(): np.asarray(p) for z, p in zip({inputs}, {results})}}
def sigmoid(z):
    return TABLE.get(np.asarray(z, float).tobytes(), np.zeros(np.shape(z)))
"""


@pytest.mark.parametrize("depends_on_code", [True, False])
@pytest.mark.attack("guesses")
def test_a_table_of_results_for_the_inputs_of_an_earlier_submission(course, unsolved, monkeypatch, depends_on_code):
    """It earns three of four points if the inputs do not depend on the submission: the attack reaches its target."""
    if not depends_on_code:
        monkeypatch.setattr(preprocessors, "_hash_code", lambda nb: "")
    inputs = json.loads(inputs_of(course, spy(copy.deepcopy(unsolved))))
    results = [np.asarray(exercises["sigmoid"].reference(np.array(z))).tolist() for z in inputs]
    record = submit_and_grade(course, with_sigmoid(unsolved, HAS_A_TABLE.format(inputs=inputs, results=results)))
    assert record.score == 0 if depends_on_code else record.score >= 3


@pytest.mark.attack("guesses")
def test_a_grade_cell_at_another_place_among_equal_cells_gets_other_inputs(course, unsolved):
    """Else its place, which only the metadata tell, would be a number that the code may read from what was called."""

    spying = spy(unsolved)
    i = next(i for i, cell in enumerate(spying.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == "sigmoid")
    graded = {cell.id: cell.source for cell in course.source_notebook(ASSIGNMENT, "sigmoid").cells}
    assert "check(sigmoid)" in graded[spying.cells[i].id]  # the grader's text, with a hidden test that is easy to guess
    twin = nbformat.v4.new_code_cell(graded[spying.cells[i].id])
    before, after = copy.deepcopy(spying), copy.deepcopy(spying)
    before.cells.insert(i, copy.deepcopy(twin))
    after.cells.insert(i + 1, copy.deepcopy(twin))
    first, second = (sorted(map(str, json.loads(inputs_of(course, nb)))) for nb in (before, after))
    assert first != second  # sorted, because the checks of the twin call the function earlier or later


def test_only_a_function_is_called_on_small_inputs():
    """Of a letter, the time that it takes to look for them would tell whether it is right."""
    drawn = {name: exercises[name].draw(1) for name in ("sigmoid", "sigmoid_quiz", "sigmoid_prime_step")}
    steps = {name: make_step("", exercise) for name, exercise in drawn.items()}
    assert {name: step.further is not None for name, step in steps.items()} == {
        "sigmoid": True,
        "sigmoid_quiz": False,
        "sigmoid_prime_step": False,
    }


def test_the_inputs_depend_on_the_code_of_a_submission_alone(course, unsolved):
    """A regrade repeats them; outputs, ids and texts do not change them."""

    spying = spy(unsolved)
    first = inputs_of(course, copy.deepcopy(spying))
    saved_again = copy.deepcopy(spying)
    saved_again.cells.insert(0, nbformat.v4.new_markdown_cell("A note."))
    for number, cell in enumerate(saved_again.cells):
        cell.id = f"cell-{number}"
    assert inputs_of(course, saved_again) == first
    changed = copy.deepcopy(spying)
    changed.cells[-1].source += " "
    assert inputs_of(course, changed) != first


@pytest.mark.slow
def test_nbgrader_autograde_draws_the_same_inputs(course, unsolved):
    inputs = inputs_of(course, spy(unsolved))
    command = ["nbgrader", "autograde", ASSIGNMENT, "--force"]
    completed = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    assert "Autograding" in completed.stderr
    assert read_autograded(course).cells[-1].outputs[0].text == inputs


TAMPERINGS = {
    "more points": lambda cell: cell.metadata["nbgrader"].update(points=1000),
    "changed to a solution cell": lambda cell: cell.metadata["nbgrader"].update(solution=True, locked=False),
    "another source": lambda cell: setattr(cell, "source", "20.0"),
    "skip-execution": lambda cell: cell.metadata.update(tags=["skip-execution", "demo", "raises-exception"]),
    "changed to a Markdown cell": lambda cell: cell.update(cell_type="markdown", source="full marks") or [cell.pop(k, None) for k in ("outputs", "execution_count")],
    "outputs with a score": lambda cell: cell.update(outputs=[nbformat.v4.new_output("execute_result", {"text/plain": "20.0"})]),
    "a forged verdict": lambda cell: cell.metadata.update(lectrain={"exercise": "sigmoid", "findings": [], "mistake": None}),
    "no metadata": lambda cell: cell.metadata.clear(),
    "another exercise's id": lambda cell: cell.metadata["nbgrader"].update(grade_id="sigmoid_quiz"),
}  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS)
@pytest.mark.attack("points")
def test_tampering_with_a_test_cell_does_not_change_the_score(course, unsolved, tamper):
    wrong = with_sigmoid(unsolved, WRONG)
    before = copy.deepcopy(wrong)
    tamper(wrong.cells[index_of(wrong, "sigmoid")])
    assert wrong != before
    record = submit_and_grade(course, wrong)
    assert (record.score, record.max_score) == (0, SIGMOID_POINTS)


@pytest.mark.attack("points")
def test_copies_of_a_test_cell_do_not_change_the_score(course, unsolved):
    wrong = with_sigmoid(unsolved, WRONG)
    test_cell = wrong.cells[index_of(wrong, "sigmoid")]
    wrong.cells += [nbformat.from_dict(test_cell | {"id": f"copy-{i}"}) for i in range(3)]
    assert submit_and_grade(course, wrong).score == 0


@pytest.mark.attack("answers")
def test_a_cell_cannot_find_any_answer(course, unsolved, repository):
    """A cell that searches frames, objects, modules and files finds no reference, rule or hidden test."""
    spy = nbformat.v4.new_code_cell(f"""
import gc, os, sys, json, types
import numpy as np
gc.unfreeze()
frame, names = sys._getframe(), set()
while frame:
    names |= set(frame.f_locals) | set(frame.f_globals)
    frame = frame.f_back
objects = gc.get_objects()
texts = [v for o in objects if type(o) is dict for v in list(o.values()) if type(v) is str]
files = []
for top in ({str(repository)!r}, {str(course.root)!r}, "/course", "/course/lectrain", os.getcwd(), "/proc/self/cwd"):
    for folder, _, found in os.walk(top):
        files += [os.path.join(folder, name) for name in found]
print("MODULES", [m for m in sys.modules if m.startswith("autograder") and "exercis" in m or "judge" in m])
print("FILES", [f for f in files if any(w in f for w in ("solutions", "exercises", "judge", "gradebook", ".course-secret", "submitted"))])
print("CLASSES", [type(o).__name__ for o in objects if type(o).__name__ in ("Exercise", "Rule", "Mistake", "DrawnExercise", "Verdict")])
print("TEXTS", [t[:50] for t in texts if "HIDDEN" + " TESTS" in t or "check(" + "sigmoid)" in t][:3])
modules = [o.__name__ for o in objects if isinstance(o, types.ModuleType)]
print("SEEN", "autograder.probe" in modules, any("lectrain" in f for f in files), "code_obj" in names, any("import numpy" in t for t in texts))
print("NAMES", sorted(names & {{"EXERCISES", "reference", "judge", "mistakes"}}))
try:
    import autograder
    print("IMPORTED", hasattr(autograder, "exercises"))
except ImportError:
    print("IMPORTED", False)
""")
    unsolved.cells.insert(index_of(unsolved, "sigmoid") + 1, spy)
    assert submit_and_grade(course, unsolved).outcome is Outcome.GRADED
    outputs = next(cell for cell in read_autograded(course).cells if cell.source.startswith("\nimport gc")).outputs
    assert [output.get("text", json.dumps(output)) for output in outputs] == [
        "MODULES []\nFILES []\nCLASSES []\nTEXTS []\nSEEN True True True True\nNAMES []\nIMPORTED False\n"
    ]


def test_a_graded_notebook_holds_no_hidden_test(course, solved):
    submit_and_grade(course, solved)
    text = json.dumps(read_autograded(course))
    assert "HIDDEN TESTS" not in text
    assert "autograder import" not in text


EXPITS = {
    "another name": "from scipy.special import expit as sigmoid",
    "an attribute of NumPy": "import numpy as np\nimport scipy.special\nnp.sig = scipy.special.expit\ndef sigmoid(z):\n    return np.sig(z)",
}


@pytest.mark.parametrize("expit", EXPITS.values(), ids=EXPITS)
@pytest.mark.attack("libraries")
def test_a_forbidden_library_is_flagged_and_costs_no_points(course, solved, expit):
    full = submit_and_grade(course, solved, "numpy").score
    flagged = submit_and_grade(course, with_sigmoid(solved, expit), "scipy")
    assert flagged.score == full
    assert flagged.outcome is Outcome.NEEDS_A_PERSON
    assert flagged.messages[0] == "sigmoid uses scipy.special.expit, which the exercise forbids"
    cell = read_autograded(course, "scipy").cells[index_of(solved, "sigmoid")]
    assert "Write it yourself with NumPy" in json.dumps(cell.outputs)


def test_a_course_may_give_no_points_for_a_forbidden_library(course, solved):
    add_settings(course.root, 'c.JudgeAnswers.on_forbidden = "zero"')
    record = submit_and_grade(course, with_sigmoid(solved, EXPITS["another name"]))
    scores = {verdict.exercise: verdict.score for verdict in record.verdicts}
    assert scores["sigmoid"] == 0
    assert record.score == sum(scores.values()) > 0
    assert "sigmoid: 0 of" in json.dumps(read_autograded(course).cells[index_of(solved, "sigmoid")].outputs)


def test_code_that_no_answer_uses_is_not_flagged(course, solved):
    full = submit_and_grade(course, solved, "plain").score
    for source in (
        "%%writefile helper.py\nfrom scipy.special import expit",
        "import ctypes, gc\nexec('x = 1')",
        "def half(:",
    ):
        solved.cells.insert(1, nbformat.v4.new_code_cell(source))
    record = submit_and_grade(course, solved, "more")
    assert (record.score, record.outcome) == (full, Outcome.GRADED)
    assert not any("forbids" in message for message in record.messages)
