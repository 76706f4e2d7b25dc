"""Attacks on the grader: a notebook with a wrong sigmoid gets no points, whatever its cells do."""

import json

import nbformat
import pytest

from autograder.grading.records import Outcome
from tests.conftest import SIGMOID_POINTS

from .conftest import index_of, read_autograded, submit_and_grade

WRONG = "import numpy as np\n\ndef sigmoid(z):\n    return np.tanh(z)"

# Each attack is inserted as the first cell.
ATTACKS = {
    "np.allclose always returns True": "import numpy as np\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True",
    "numpy.testing never raises": (
        "import numpy.testing as t\nt.assert_allclose = t.assert_array_equal = t.assert_array_almost_equal = lambda *a, **k: None"
    ),
    "lectrain.check never raises": (
        "import lectrain.check as c\nfor name in dir(c):\n    if name.startswith('expect'):\n        setattr(c, name, lambda *a, **k: None)"
    ),
    "an answer that equals everything": (
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
        "ANSWER = Yes()"
    ),
    "asserts are removed from the source": (
        "get_ipython().input_transformers_post.append(lambda ls: [l for l in ls if 'expect' not in l and 'assert' not in l])"
    ),
    "asserts are removed from the syntax tree": (
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "    def visit_Expr(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(Drop())"
    ),
    "exceptions are suppressed": "get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)",
    "tracebacks are hidden": "get_ipython().showtraceback = lambda *a, **k: None",
    "a hook before each cell": "get_ipython().events.register('pre_run_cell', lambda info: setattr(info, 'raw_cell', '20.0'))",
    "a hook after each cell": (
        "get_ipython().events.register('post_run_cell', lambda r: (setattr(r, 'error_in_exec', None), setattr(r, 'result', 20.0)))"
    ),
    "every cell succeeds": (
        "shell = get_ipython()\nrun = shell.run_cell\ndef fake(*a, **k):\n    r = run('20.0')\n    return r\nshell.run_cell = fake"
    ),
    "a printed score": "print('20.0')\nimport sys\nprint('20.0', file=sys.__stdout__, flush=True)",
    "a displayed score": "from IPython.display import display\ndisplay({'text/plain': '20.0'}, raw=True)\n20.0",
    "a forged reply on every file descriptor": (
        "import os, json, struct\n"
        "forged = json.dumps({'answers': [{'value': {'float': (1.0).hex()}}] * 20, 'score': 20, 'done': True}).encode()\n"
        "for fd in range(3, 64):\n"
        "    for header in (b'', struct.pack('>I', len(forged)), struct.pack('<Q', len(forged))):\n"
        "        try: os.write(fd, header + forged + b'\\n')\n"
        "        except OSError: pass"
    ),
    "the probe is replaced": (
        "import gc, types\nfor m in [o for o in gc.get_objects() if isinstance(o, types.ModuleType)]:\n"
        "    if hasattr(m, 'answer') and hasattr(m, 'encode'):\n"
        "        m.answer = lambda *a, **k: {'answers': [{'value': {'float': (0.5).hex()}, 'warned': []}] * 20}\n"
        "        m.encode = lambda *a, **k: {'float': (0.5).hex()}"
    ),
    "the probe is rewritten while it runs": (
        "import sys\nclass Rewrites:\n    def __call__(self, z):\n        f = sys._getframe()\n"
        "        while '_one_round' not in f.f_globals: f = f.f_back\n"
        "        f.f_globals['encode'] = lambda value, depth=0: {'float': (0.5).hex()}\n"
        "        f.f_globals['FACTORIES'].clear()\n        return z\nANSWER = Rewrites()"
    ),
    "an array subclass with forged bytes": (
        "import numpy as np\nclass Lies(np.ndarray):\n    def tobytes(self, *a): return b''\n"
        "    def __array__(self, *a, **k): return np.full(self.shape, 0.5)\n"
        "ANSWER = np.zeros(7).view(Lies)"
    ),
    "a namespace that returns another function": (
        "get_ipython().user_ns = type('Lies', (dict,), {'__getitem__': lambda self, name: lambda z: 0.5})(globals())"
    ),
    "a thread that keeps replacing the function": (
        "import threading, time\ndef change():\n    while True:\n"
        "        globals()['sigmoid'] = lambda z: z\n        time.sleep(0.001)\n"
        "threading.Thread(target=change, daemon=True).start()"
    ),
    "sys.exit": "import sys\nsys.exit(0)",
    "a score printed at exit": "import atexit\natexit.register(lambda: print('20.0'))",
    "floating-point warnings are disabled": "import numpy as np\nnp.seterr(all='ignore')\nimport warnings\nwarnings.simplefilter('ignore')",
    "a forged autograder module": (
        "import sys, types\nfake = types.ModuleType('autograder')\nfake.check = lambda *a, **k: 20.0\nsys.modules['autograder'] = fake\n20.0"
    ),
    "a search of all objects for the reference": (
        "import gc\nfound = [o for o in gc.get_objects() if isinstance(o, dict) and 'reference' in o and 'rules' in o]\n"
        "globals().update(found[0] if found else {})"
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
def test_an_attack_does_not_change_the_score(course, unsolved, attack):
    wrong = with_sigmoid(unsolved, "def sigmoid(z):\n    return ANSWER" if "ANSWER" in attack else WRONG)
    wrong.cells.insert(0, nbformat.v4.new_code_cell(attack))
    assert submit_and_grade(course, wrong).score == 0


@pytest.mark.parametrize(
    "code",
    ["import os\nos._exit(0)", "import os\nos._exit(77)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"],
)
def test_a_process_that_ends_itself_gains_no_points(course, unsolved, code):
    wrong = with_sigmoid(unsolved, WRONG)
    wrong.cells.insert(0, nbformat.v4.new_code_cell(code))
    record = submit_and_grade(course, wrong)
    assert (record.score, record.outcome) == (0, Outcome.CRASHED)


def test_all_other_cells_keep_their_points_after_a_crash(course, solved):
    full = submit_and_grade(course, solved, "complete").score
    solved.cells.insert(index_of(solved, "predict_proba") + 1, nbformat.v4.new_code_cell("import os\nos._exit(0)"))
    record = submit_and_grade(course, solved, "crashed")
    assert (record.score, record.outcome) == (full, Outcome.CRASHED)


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
def test_tampering_with_a_test_cell_does_not_change_the_score(course, unsolved, tamper):
    wrong = with_sigmoid(unsolved, WRONG)
    tamper(wrong.cells[index_of(wrong, "sigmoid")])
    record = submit_and_grade(course, wrong)
    assert (record.score, record.max_score) == (0, SIGMOID_POINTS)


def test_copies_of_a_test_cell_do_not_change_the_score(course, unsolved):
    wrong = with_sigmoid(unsolved, WRONG)
    test_cell = wrong.cells[index_of(wrong, "sigmoid")]
    wrong.cells += [nbformat.from_dict(test_cell | {"id": f"copy-{i}"}) for i in range(3)]
    assert submit_and_grade(course, wrong).score == 0


def test_a_cell_cannot_find_any_answer(course, unsolved, repository):
    """A cell that searches frames, objects, modules and files finds no reference, rule or hidden test."""
    spy = nbformat.v4.new_code_cell(f"""
import gc, os, sys, json
import numpy as np
frame, names = sys._getframe(), set()
while frame:
    names |= set(frame.f_locals) | set(frame.f_globals)
    frame = frame.f_back
objects = gc.get_objects()
texts = [v for o in objects if type(o) is dict for v in list(o.values()) if type(v) is str]
files = []
for top in ({str(repository)!r}, {str(course.root)!r}, "/course", os.getcwd(), "/proc/self/cwd"):
    for folder, _, found in os.walk(top):
        files += [os.path.join(folder, name) for name in found]
print("MODULES", [m for m in sys.modules if m.startswith("autograder") and "exercis" in m or "judge" in m])
print("FILES", [f for f in files if any(w in f for w in ("solutions", "exercises", "judge", "gradebook", ".course-secret", "submitted"))])
print("CLASSES", [type(o).__name__ for o in objects if type(o).__name__ in ("Exercise", "Rule", "Mistake", "DrawnExercise", "Verdict")])
print("TEXTS", [t[:50] for t in texts if "HIDDEN TESTS" in t or "check(sigmoid)" in t][:3])
print("NAMES", sorted(names & {{"EXERCISES", "reference", "judge", "mistakes"}}))
try:
    import autograder
    print("IMPORTED", hasattr(autograder, "exercises"))
except ImportError:
    print("IMPORTED", False)
""")
    unsolved.cells.insert(index_of(unsolved, "sigmoid") + 1, spy)
    record = submit_and_grade(course, unsolved)
    assert record.outcome is Outcome.NEEDS_A_PERSON  # frames are a way to any function, so a person looks
    assert any("sys._getframe" in message for message in record.messages)
    outputs = next(cell for cell in read_autograded(course).cells if cell.source.startswith("\nimport gc")).outputs
    assert [output.get("text", json.dumps(output)) for output in outputs] == [
        "MODULES []\nFILES []\nCLASSES []\nTEXTS []\nNAMES []\nIMPORTED False\n"
    ]


def test_a_graded_notebook_holds_no_hidden_test(course, solved):
    submit_and_grade(course, solved)
    text = json.dumps(read_autograded(course))
    assert "HIDDEN TESTS" not in text
    assert "autograder import" not in text


def test_a_forbidden_library_is_flagged_and_costs_no_points(course, solved):
    full = submit_and_grade(course, solved, "numpy").score
    flagged = submit_and_grade(course, with_sigmoid(solved, "from scipy.special import expit as sigmoid"), "scipy")
    assert flagged.score == full
    assert flagged.outcome is Outcome.NEEDS_A_PERSON
    assert "scipy.special.expit" in flagged.messages[0]
