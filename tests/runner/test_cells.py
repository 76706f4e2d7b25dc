"""Cells run as in a kernel: the same notebook goes through ipykernel and through the runner."""

import re

import nbformat
import pytest
from conftest import error_of, failure_of, text_of
from nbclient import NotebookClient

from autograder.runner import Limits, Step

NOTEBOOK = {
    "last expression": "1 + 1",
    "nothing": "x = 3",
    "semicolon": "x;",
    "several": "x\nx + 1",
    "print": "print('a')\nprint('b', end='')\nprint('c')",
    "print, then a value": "print('a')\n'value'",
    "stderr": "import sys\nprint('woe', file=sys.stderr)",
    "streams in order": "import sys\nprint('out', flush=True)\nprint('err', file=sys.stderr, flush=True)",
    "error": "def f(x):\n    return 1 / x\n\nf(0)",
    "error after output": "print('before')\nraise ValueError('σ is not a number')",
    "syntax error": "def f(:\n    pass",
    "assertion": "assert 1 == 2, 'they differ'",
    "exception without text": "raise KeyError",
    "sys.exit": "import sys\nsys.exit(1)",
    "Out and underscore": "7 * 6\n",
    "underscore": "_ + 1, Out[max(Out)], len(In)",
    "numpy": "import numpy as np\nnp.arange(6).reshape(2, 3) / 4",
    "warning of numpy": "np.array([1.0]) / 0",
    "display": "from IPython.display import HTML, Markdown, display\ndisplay(HTML('<b>bold</b>'), Markdown('*x*'))",
    "rich value": "HTML('<i>x</i>')",
    "a picture in bytes": "from IPython.display import Image\nImage(data=b'\\x89PNG\\r\\n\\x1a\\n', format='png')",
    "own repr": "class A:\n    def _repr_html_(self):\n        return '<p>A</p>'\n    def __repr__(self):\n        return 'A'\nA()",
    "json": "from IPython.display import JSON\nJSON({'a': [1, None, 2.5]})",
    "latex": "from IPython.display import Latex\nLatex('$x$')",
    "display id": "handle = display('first', display_id='d')\nhandle.update('second')",
    "update later": "handle.update('third')",
    "clear": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
    "clear when the next comes": "print('gone')\nclear_output(wait=True)\nprint('kept')",
    "clear when none comes": "print('kept')\nclear_output(wait=True)",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('t')",
    "figure, shown": "plt.plot([1, 2])\nplt.show()\nprint('after')",
    "two figures": "plt.figure()\nplt.figure()\nNone",
    "figure as a value": "fig, ax = plt.subplots()\nplt.close(fig)\nfig",
    "inline": "%matplotlib inline",
    "svg": "%config InlineBackend.figure_formats = ['svg']\nfig",
    "timeit": "%timeit -n1 -r1 pass",
    "capture": "%%capture out\nprint('caught')\nplt.plot([1])",
    "captured": "out.stdout",
    "writefile": "%%writefile helper.py\nanswer = 42",
    "import beside the notebook": "import helper\nhelper.answer",
    "who": "%who_ls function",
    "unknown magic": "%nosuchmagic",
    "help": "len?",
    "source": "f??",
    "await": "import asyncio\nasync def g():\n    await asyncio.sleep(0)\n    return 'awaited'\nawait g()",
    "gather": "await asyncio.gather(g(), g())",
    "await an error": "async def bad():\n    raise RuntimeError('inside')\nawait bad()",
    "main": "__name__",
    "pickle of own class": "import pickle\npickle.loads(pickle.dumps(A()))",
    "thread": "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start()\nt.join()",
    "logging": "import logging\nlogging.warning('careful')",
    "python's warnings": "import warnings\nwarnings.warn('old')",
    "traceback through a library": "np.linalg.inv(np.zeros((2, 2)))",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('worse') from e",
    "exception group": "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
    "carriage return": "print('10%\\r20%')",
    "empty": "",
    "comment": "# nothing",
    "descriptor": "import os\nos.write(1, b'written past Python\\n');",
    "get_ipython": "get_ipython().run_line_magic('precision', '3')\n1 / 3",
    "del": "del x\nx",
    "widget": "import ipywidgets\nipywidgets.IntSlider(value=3)",
}
ONLY_WRITTEN = {"unknown magic", "exception group"}  # a kernel writes these to stderr and leaves no error


def in_kernel(sources: dict[str, str], folder) -> list[list[dict]]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources.values()])
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def both(bench, tmp_path_factory) -> dict[str, tuple[list[dict], list[dict]]]:
    """The outputs of each cell, in the kernel and in the runner."""
    ours = [result.outputs for result in bench.run(*NOTEBOOK.values())]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)  # where it is set, ipykernel leaves descriptors alone
        theirs = in_kernel(NOTEBOOK, tmp_path_factory.mktemp("kernel"))
    return dict(zip(NOTEBOOK, zip(theirs, ours, strict=True), strict=True))


@pytest.mark.parametrize("name", NOTEBOOK)
def test_a_cell_leaves_what_a_kernel_leaves(both, name):
    theirs, ours = (normal(outputs) for outputs in both[name])
    if name in ONLY_WRITTEN:
        assert ours.pop()["output_type"] == "error"
    assert ours == theirs


def normal(outputs: list[dict]) -> list[dict]:
    """Leave out what differs from run to run: times, addresses, the bytes of pictures, where files lie."""
    merged: list[dict] = []
    for output in outputs:
        output = {key: tidy(value) for key, value in dict(output).items()}
        if merged and output.get("name") and output["name"] == merged[-1].get("name"):
            merged[-1]["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def tidy(value):
    if isinstance(value, dict):
        return {key: "a picture" if key.startswith("image/") else tidy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [tidy(item) for item in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"\x1b\[[\d;]*m", "", value)
    value = re.sub(r"(/[\w.-]+)*/site-packages/|(/[\w.-]+)*/?\b\d+\.py\b", "PATH", value)
    value = re.sub(r"0x[0-9a-f]+|[\d.]+ (ns|μs|ms|s)\b|[0-9a-f]{32}", "N", value)
    return value


# --- what a kernel does otherwise, or not at all ----------------------------------------------------------------------


@pytest.mark.parametrize("asking", ["input('name? ')", "import getpass\ngetpass.getpass()", "breakpoint()"])
def test_input_is_refused(bench, asking):
    asked, after = bench.run(asking, "print('goes on')")
    assert error_of(asked) in ("StdinNotImplementedError", "BdbQuit")
    assert text_of(after) == "goes on\n"


def test_an_error_leaves_an_error_output_even_if_the_student_hides_it(bench):
    hidden = bench.run("get_ipython().set_custom_exc((Exception,), lambda *_, **__: None)", "1 / 0")[1]
    assert error_of(hidden) == "ZeroDivisionError"
    cleared = bench.run("get_ipython()._showtraceback = lambda *_: None", "1 / 0")[1]
    assert error_of(cleared) == "ZeroDivisionError"


def test_exit_ends_the_notebook_after_its_cell(bench):
    left, after, last = bench.run("print('bye')\nexit()", "1", "2")
    assert text_of(left) == "bye\n"
    assert "ended itself" in failure_of(after)
    assert failure_of(last).startswith("not run: ")


def test_a_thread_that_outlives_its_cell_is_not_heard_in_a_later_one(bench):
    start = (
        "import threading, time\n"
        "def talk():\n"
        "    while True:\n"
        "        print('still here')\n"
        "        time.sleep(0.01)\n"
        "threading.Thread(target=talk, daemon=True).start()\n"
        "time.sleep(0.05)"
    )
    started, after = bench.run(start, "time.sleep(0.1)\nprint('mine')")
    assert "still here" in text_of(started)
    assert text_of(after) == "mine\n"


def test_each_submission_is_fresh_and_draws_its_own_numbers(bench):
    draw = (
        "import numpy as np, random\nprint(np.random.rand())\nprint(random.random(), np.random.default_rng().random())"
    )
    drawn = [
        bench.printed("left = 1", draw).split() for _ in range(25)
    ]  # the server's spare time draws as well, at first
    assert all(len(set(numbers)) == 25 for numbers in zip(*drawn, strict=True))
    assert error_of(bench.run("left")[0]) == "NameError"


def test_sets_of_strings_are_in_the_same_order_in_each_run(bench):
    show = "print(set('abcdefgh'))"
    assert bench.printed(show) == bench.printed(show)


def test_threads_and_blas_work(bench):
    cell = (
        "import numpy as np\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    print(sum(pool.map(lambda k: (np.eye(300) @ np.eye(300) * k).trace(), range(4))))"
    )
    assert bench.printed(cell) == "1800.0\n"


def test_scikit_learn_works_with_its_own_threads(bench):
    cell = (
        "import numpy as np\n"
        "from sklearn.cluster import KMeans\n"
        "print(len(set(KMeans(2, n_init=1).fit_predict(np.r_[np.zeros((9, 2)), np.ones((9, 2))]))))"
    )
    assert bench.printed(cell) == "2\n"


def test_output_is_cut_with_a_note_and_errors_still_show(bench):
    flood, after = bench.run("print('x' * 5000)\nprint('y')\n1 / 0", "print('fine')", cell_output=1000)
    assert len(text_of(flood)) <= 1000
    assert "not shown" in flood.outputs[-1]["text"]
    assert error_of(flood) == "ZeroDivisionError"
    assert failure_of(flood) == "the cell's output is longer than the 0.0009537 MiB that are kept of it"
    assert (text_of(after), failure_of(after)) == ("fine\n", None)


def test_output_of_all_cells_together_is_cut(bench):
    results = bench.run(*["print('x' * 900)"] * 4, cell_output=1000, submission_output=2000)
    assert [len(text_of(result)) > 800 for result in results] == [True, True, False, False]
    assert "the notebook's output is longer than" in failure_of(results[-1])


def test_what_is_cleared_or_replaced_takes_no_room(bench):
    animate = (
        "from IPython.display import clear_output, display\n"
        "for k in range(50):\n"
        "    clear_output(wait=True)\n"
        "    print('x' * 100, k)\n"
        "handle = display('', display_id=True)\n"
        "for k in range(50):\n"
        "    handle.update('y' * 100)"
    )
    (result,) = bench.run(animate, cell_output=1000)
    assert not result.failures
    assert text_of(result).endswith(" 49\n")


# --- the probe ----------------------------------------------------------------------------------------------------------


def asked(bench, *steps: tuple[str, str | None], **limits):
    probe = {"cases": [{"args": [{"int": "0x2"}], "kwargs": {}}]}
    steps = [Step(source, {"name": name, **probe} if name else None) for source, name in steps]
    return bench.runner.run(steps, limits=Limits(**limits))


def test_the_probe_is_asked_before_the_cell_and_leaves_nothing_behind(bench):
    function = (
        "import matplotlib.pyplot as plt\n"
        "import os\n"
        "def f(x):\n"
        "    print('printed')\n"
        "    os.write(1, b'written')\n"
        "    plt.plot([x])\n"
        "    return x + 1"
    )
    _, result = asked(bench, (function, None), ("print(plt.get_fignums())\nf = None", "f"))
    assert result.answers["answers"][0]["value"] == {"int": "0x3"}
    assert text_of(result) == "[]\n"
    assert len(result.outputs) == 1


def test_a_function_that_is_missing_is_answered_as_such(bench):
    assert asked(bench, ("1", "f"))[0].answers == {"missing": True}


def test_a_function_that_never_returns_costs_its_answers_not_its_cell(bench):
    late = asked(bench, ("def f(x):\n    while True: pass", None), ("print('runs')", "f"), cell_seconds=0.3)[1]
    assert late.answers["answers"][0]["error"][0] == "Timeout"
    assert "longer than the 0.3 s" in failure_of(late)
    assert text_of(late) == "runs\n"


def test_answers_that_are_too_long_are_no_answers(bench):
    _, result, after = asked(
        bench, ("import numpy as np\nf = lambda x: np.zeros(10**6)", None), ("1", "f"), ("2", None), answer_bytes=10_000
    )
    assert result.answers is None
    assert "answers are longer" in failure_of(result)
    assert not after.failures


@pytest.mark.parametrize("deepest", [1000, 300_000])
def test_a_recursion_without_end_is_told_shortly_and_soon(bench, deepest):
    cell = f"import sys\nsys.setrecursionlimit({deepest})\ndef f(n):\n    return f(n + 1)\nf(0)"
    result, after = bench.run(cell, "print('goes on')", cell_seconds=20)
    assert error_of(result) == "RecursionError"
    assert len(str(result.outputs)) < 20_000
    assert text_of(after) == "goes on\n"
