"""Cells run as in a kernel: ipykernel and the runner leave the same outputs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import exercises.factories  # noqa: F401 (the student's process gets the factories that this one knows)
from autograder import probe, values
from autograder.runner import Limits, Step, zygote_client
from tests.runner.conftest import error_name, failure_message, stdout_of

NOTEBOOK = {
    "last expression": "1 + 1",
    "nothing": "x = 3",
    "semicolon": "x;",
    "several": "x\nx + 1",
    "print": "print('a')\nprint('b', end='')\nprint('c')",
    "print, then a value": "print('a')\n'value'",
    "stderr": "import sys\nprint('woe', file=sys.stderr)",
    "a stream that can be written": "sys.stdout.writable()",
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
    "a thread that goes on": "import time\nt = threading.Thread(target=time.sleep, args=(0.1,))\nt.start()",
    "a thread in its place": "t.join()\nu = threading.Thread(target=print, args=('hello',))\nu.start()\nu.join()",
    "logging": "import logging\nlogging.warning('careful')",
    "python's warnings": "import warnings\nwarnings.warn('old')",
    "traceback through a library": "np.linalg.inv(np.zeros((2, 2)))",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('worse') from e",
    "exception group": "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
    "a long text": "'é' * 200_000",
    "carriage return": "print('10%\\r20%')",
    "empty": "",
    "comment": "# nothing",
    "get_ipython": "get_ipython().run_line_magic('precision', '3')\n1 / 3",
    "del": "del x\nx",
    "widget": "import ipywidgets\nipywidgets.IntSlider(value=3)",
}
WITHOUT_ERROR_OUTPUT = {"unknown magic", "exception group"}  # ipykernel only writes these to stderr


def run_in_kernel(sources: dict[str, str], folder: Path) -> list[list[dict]]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources.values()])
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def outputs_of_both(harness, tmp_path_factory) -> dict[str, tuple[list[dict], list[dict]]]:
    """The outputs of each cell in a kernel and in the runner."""
    runner_outputs = [result.outputs for result in harness.run(*NOTEBOOK.values())]
    kernel_outputs = run_in_kernel(NOTEBOOK, tmp_path_factory.mktemp("kernel"))
    return dict(zip(NOTEBOOK, zip(kernel_outputs, runner_outputs, strict=True), strict=True))


@pytest.mark.parametrize("name", NOTEBOOK)
def test_a_cell_has_the_same_outputs_as_in_a_kernel(outputs_of_both, name):
    kernel_outputs, runner_outputs = (normalise(outputs) for outputs in outputs_of_both[name])
    if name in WITHOUT_ERROR_OUTPUT:
        assert runner_outputs.pop()["output_type"] == "error"
    assert runner_outputs == kernel_outputs


def normalise(outputs: list[dict]) -> list[dict]:
    """Merge streams, and replace what differs between runs: times, addresses, pictures and paths."""
    merged: list[dict] = []
    for output in outputs:
        output = {key: normalise_value(value) for key, value in dict(output).items()}
        if merged and output.get("name") and output["name"] == merged[-1].get("name"):
            merged[-1]["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def normalise_value(value):
    if isinstance(value, dict):
        return {key: "a picture" if key.startswith("image/") else normalise_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normalise_value(item) for item in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"\x1b\[[\d;]*m", "", value)
    value = re.sub(r"(/[\w.-]+)*/site-packages/|(/[\w.-]+)*/?\b\d+\.py\b", "PATH", value)
    value = re.sub(r"0x[0-9a-f]+|[\d.]+ (ns|μs|ms|s)\b|[0-9a-f]{32}", "N", value)
    return value


# --- differences from a kernel ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["input('name? ')", "import getpass\ngetpass.getpass()", "breakpoint()"])
def test_input_is_refused(harness, source):
    refused, after = harness.run(source, "print('goes on')")
    assert error_name(refused) in ("StdinNotImplementedError", "BdbQuit")
    assert stdout_of(after) == "goes on\n"


# Cells, and the numbers that they print. What is missing here does not stop the lines below it.
INCOMPLETE = {
    "a missing module": ("import pandas as pd\nimport numpy as np\nprint(np.pi > 3)", "True"),
    "a missing module, in lines of another system": ("import pandas as pd\r\nimport absent\rprint(1)\r\n", "1"),
    "a missing name": ("from math import sinus\nprint(1)", "1"),
    "several": ("import torch; from google.colab import drive\ndrive.mount('/content')\nimport math\nprint(math.pi > 3)", "True"),
    "a function below": ("from numba import jit\ndef f():\n    return 5\nprint(f())", "5"),
    "a window for pictures": ("%matplotlib qt\nprint(2)", "2"),
    "widgets for pictures": ("%matplotlib widget\nprint(2)", "2"),
    "an installation": ("%pip install pandas\n!pip install pandas\nprint(3)", "3"),
    "an unknown extension": ("%load_ext nothing_of_this_name\nprint(4)", "4"),
    "an unknown magic": ("%tensorflow_version 2.x\nprint(4)", "4"),
    "a missing script": ("%run helper.py\nprint(4)", "4"),
    "a missing style": ("import matplotlib.pyplot as plt\nplt.style.use('mine.mplstyle')\nprint(5)", "5"),
    "a download": ("import urllib.request\nurllib.request.urlretrieve('http://localhost:9/', 'data')\nprint(5)", "5"),
    "a backend for windows": ("import matplotlib\nmatplotlib.use('TkAgg')\nprint(5)", "5"),
    "the result of a program": ("files = !ls\nprint(files, [files.n])", "[] ['']"),
    "a missing module at the end of its line": ("n = []\nimport sys; n.append(1); import absent\nprint(n)", "[1]"),
}  # fmt: skip


@pytest.mark.parametrize("name", INCOMPLETE)
def test_lines_that_fail_only_in_the_sandbox_do_not_stop_their_cell(harness, name):
    source, printed = INCOMPLETE[name]
    (result,) = harness.run(source)
    assert stdout_of(result).splitlines()[-1] == printed


def test_a_name_of_a_failed_import_does_not_stop_a_later_cell(harness):
    _, later = harness.run("from google.colab import drive", "drive.mount('/content')\nprint(1)")
    assert stdout_of(later) == "1\n"


def test_the_rest_of_a_cell_has_the_number_and_the_lines_of_the_cell(harness):
    first, second = harness.run("import sys\nimport pandas as pd\n1 / 0", "7")
    assert [output["ename"] for output in first.outputs] == ["ModuleNotFoundError", "ZeroDivisionError"]
    for output, line in zip(first.outputs, ["----> 2 import pandas as pd", "----> 3 1 / 0"], strict=True):
        assert line in re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output["traceback"]))
    assert second.outputs[0]["execution_count"] == 2


@pytest.mark.parametrize("source", [
    "import pandas as pd\nx = pd.DataFrame()\nprint('runs')",
    "def f():\n    return pandas.DataFrame()\nimport pandas\nx = f()\nprint('runs')",
    "def f(x):\n    y = x\n  return y\nprint('runs')",
    "x = undefined\nprint('runs')",
    "print(math.pi)\nimport math\nprint('runs')",
    "if True:\n    import pandas\nprint('runs')",
    "def f():\n    raise NameError(name=[])\nf()\nprint('runs')",
    "print(undefined)\nprint('runs')",
])  # fmt: skip
def test_any_other_line_that_fails_stops_its_cell(harness, source):
    (result,) = harness.run(source)
    assert stdout_of(result) == ""
    assert error_name(result)
    assert not result.failures


def test_an_error_has_an_error_output_even_if_the_student_hides_it(harness):
    hidden = harness.run("get_ipython().set_custom_exc((Exception,), lambda *_, **__: None)", "1 / 0")[1]
    assert error_name(hidden) == "ZeroDivisionError"
    cleared = harness.run("get_ipython()._showtraceback = lambda *_: None", "1 / 0")[1]
    assert error_name(cleared) == "ZeroDivisionError"


def test_an_error_of_ipython_itself_is_shown(harness):
    _, own = harness.run("import sys\nsys.stdout = None", "1")
    assert (error_name(own), own.failures) == ("AttributeError", [])


def test_the_cells_after_exit_run(harness):
    exiting, after = harness.run("print('bye')\nexit()", "print('goes on')")
    assert stdout_of(exiting) == "bye\n"
    assert stdout_of(after) == "goes on\n"


def test_each_submission_has_a_fresh_namespace_and_its_own_random_numbers(harness):
    draw = (
        "import numpy as np, random\nprint(np.random.rand())\nprint(random.random(), np.random.default_rng().random())"
    )
    drawn = [harness.read_stdout("left = 1", draw).split() for _ in range(3)]
    assert all(len(set(numbers)) == 3 for numbers in zip(*drawn, strict=True))
    assert error_name(harness.run("left")[0]) == "NameError"


def test_sets_of_strings_have_the_same_order_in_every_run(harness):
    show = "print(set('abcdefgh'))"
    assert harness.read_stdout(show) == harness.read_stdout(show)


def test_threads_and_blas_work(harness):
    cell = (
        "import numpy as np\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    print(sum(pool.map(lambda k: (np.eye(300) @ np.eye(300) * k).trace(), range(4))))"
    )
    assert harness.read_stdout(cell) == "1800.0\n"


def test_scikit_learn_works_with_its_own_threads(harness):
    cell = (
        "import numpy as np\n"
        "from sklearn.cluster import KMeans\n"
        "print(len(set(KMeans(2, n_init=1).fit_predict(np.r_[np.zeros((9, 2)), np.ones((9, 2))]))))"
    )
    assert harness.read_stdout(cell) == "2\n"


@pytest.mark.parametrize(("source", "limits", "message"), [
    ("print('x' * 5000)\nprint('y')", {"cell_output": 1000}, "the cell's output exceeded its limit of 0.9766 KiB"),
    ("import sys\nfor k in range(99):\n    print(k)\n    print(k, file=sys.stderr)", {"outputs": 10}, "the cell exceeded its limit of 10 outputs"),
])  # fmt: skip
def test_too_much_output_is_cut_off_with_a_note_and_an_error_is_kept(harness, source, limits, message):
    flood, after = harness.run(f"{source}\n1 / 0", "print('fine')", **limits)
    assert len(stdout_of(flood)) <= 1000
    assert len(flood.outputs) <= 12
    assert "not shown" in flood.outputs[-1]["text"]
    assert error_name(flood) == "ZeroDivisionError"
    assert failure_message(flood) == message
    assert (stdout_of(after), failure_message(after)) == ("fine\n", None)


def test_in_a_full_cell_there_is_room_for_the_first_error_alone(harness):
    source = "print('x' * 50_000)\nimport absent_1\nprint('y' * 15_000)\nimport absent_2"
    (result,) = harness.run(source, cell_output=1000)
    assert [output["output_type"] for output in result.outputs] == ["stream", "error", "stream"]
    assert stdout_of(result).strip("x") == ""
    assert "not shown" in result.outputs[-1]["text"]


def test_outputs_with_too_many_values_are_dropped_and_cost_no_later_cell(harness):
    show = "from IPython.display import JSON, display\ndisplay(JSON([0] * {}))"
    too_many, first, second = harness.run(*(show.format(number) for number in (300_000, 200_000, 40_000)))
    assert failure_message(too_many).endswith("hold more than 250000 values")
    assert (too_many.outputs, first.failures, second.failures) == ([], [], [])


@pytest.mark.parametrize("character", ["😀", "\\0", '"', "\\ud800"])
def test_output_of_any_characters_fits_into_a_reply(harness, character):
    (result,) = harness.run(f"print('{character}' * 1_000_000)")
    assert not result.failures
    assert len(stdout_of(result)) == 1_000_001


def test_the_total_output_of_all_cells_is_cut_off(harness):
    results = harness.run(*["print('x' * 900)"] * 4, cell_output=1000, submission_output=2000)
    assert [len(stdout_of(result)) > 800 for result in results] == [True, True, False, False]
    assert "the notebook's output exceeded its limit" in failure_message(results[-1])


def test_cleared_and_replaced_output_does_not_count(harness):
    animate = (
        "from IPython.display import clear_output, display\n"
        "for k in range(50):\n"
        "    clear_output(wait=True)\n"
        "    print('x' * 100, k)\n"
        "handle = display('', display_id=True)\n"
        "for k in range(50):\n"
        "    handle.update('y' * 100)"
    )
    (result,) = harness.run(animate, cell_output=1000)
    assert not result.failures
    assert stdout_of(result).endswith(" 49\n")


def test_an_update_that_does_not_fit_is_noted(harness):
    (result,) = harness.run("h = display('a', display_id=True)\nh.update('x' * 2000)", cell_output=1000)
    assert result.outputs[0]["data"]["text/plain"] == "'a'"
    assert "not shown" in result.outputs[-1]["text"]
    assert failure_message(result) == "the cell's output exceeded its limit of 0.9766 KiB"


# --- the probe ----------------------------------------------------------------------------------------------------------


def run_with_probe(harness, *steps: tuple[str, str | None], **limits):
    """Run pairs of a cell and the name of a function. The probe calls the function on 2 before the cell runs."""
    cases = [{"args": [{"int": "0x2"}], "kwargs": {}}]
    steps = [Step(source, {"name": name, "cases": cases} if name else None) for source, name in steps]
    return harness.runner.run(steps, limits=Limits(**limits))


def test_the_probe_runs_before_the_cell_and_leaves_no_output_and_no_figure(harness):
    function = (
        "import matplotlib.pyplot as plt\n"
        "import os\n"
        "def f(x):\n"
        "    print('printed')\n"
        "    os.write(1, b'written')\n"
        "    plt.plot([x])\n"
        "    return x + 1"
    )
    _, result = run_with_probe(harness, (function, None), ("print(plt.get_fignums())\nf = None", "f"))
    assert result.answers["answers"][0]["value"] == {"int": "0x3"}
    assert stdout_of(result) == "[]\n"
    assert len(result.outputs) == 1


def test_the_probe_leaves_the_students_variables_and_figures(harness):
    first = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nfigure = plt.figure()\nf = abs"
    steps = ("def g(x):\n    return f(-x)", "f"), ("f = 0.5", None), ("print(f, plt.get_fignums())", "g")
    result = run_with_probe(harness, (first, None), *steps)[-1]
    assert result.answers["answers"][0]["value"] == {"int": "0x2"}
    assert stdout_of(result) == "0.5 [1]\n"


def test_a_factory_of_the_course_works_after_a_cell_has_replaced_functions_of_numpy(harness):
    params = {"A": {"list": [{"list": [{"float": "0x1p+1"}]}]}, "b": {"list": [{"float": "0x1p+0"}]}}
    calls = {"name": "f", "cases": [{"args": [{"factory": "AffineGradient", "params": params}], "kwargs": {}}]}
    cell = "import numpy as np\ndef f(gradient):\n    return gradient([3.0])\nnp.array = np.asarray = None"
    _, result = harness.runner.run([Step(cell), Step("", calls)])
    (answer,) = result.answers["answers"]
    assert values.decode(answer["value"]).tolist() == [7]
    assert [call.tolist() for call in values.decode(answer["calls"])[0]] == [[3]]


def test_factories_of_a_megabyte_reach_the_process(harness, monkeypatch):
    sources = zygote_client.read_sources()
    monkeypatch.setattr(zygote_client, "read_sources", lambda: [*sources, "# " + "x" * 1_000_000])
    assert not harness.run("1")[0].failures


@pytest.mark.parametrize(("source", "reason"), [
    ("from exercises.bce import paths", "factories of the course .*No module named 'exercises'"),
    ("import os; os._exit(1)", "a process ended .*the course's factories"),
])  # fmt: skip
def test_a_factory_that_the_sandbox_cannot_use_is_reported(harness, monkeypatch, source, reason):
    monkeypatch.setattr(zygote_client, "read_sources", lambda: [source])
    (result,) = harness.run("1")
    assert re.search(reason, failure_message(result))
    monkeypatch.undo()
    assert not harness.run("1")[0].failures


def test_a_function_that_never_returns_loses_its_answers_but_its_cell_runs(harness):
    late = run_with_probe(harness, ("def f(x):\n    while True: pass", None), ("print('runs')", "f"), cell_seconds=0.3)[
        1
    ]
    assert late.answers["answers"][0]["error"][0] == probe.TIMEOUT
    assert failure_message(late) == "f did not finish within 0.3 s"
    assert stdout_of(late) == "runs\n"


def test_answers_beyond_the_limit_are_dropped(harness):
    function = "def f(x): raise ValueError('x' * 2000)"
    _, result, after = run_with_probe(harness, (function, None), ("1", "f"), ("2", None), answer_bytes=1000)
    assert result.answers is None
    assert "the function's answers exceeded their limit" in failure_message(result)
    assert not after.failures


@pytest.mark.parametrize("recursion_limit", [1000, 300_000])
def test_an_infinite_recursion_has_a_short_traceback_in_time(harness, recursion_limit):
    cell = f"import sys\nsys.setrecursionlimit({recursion_limit})\ndef f(n):\n    return f(n + 1)\nf(0)"
    result, after = harness.run(cell, "print('goes on')", cell_seconds=20)
    assert error_name(result) == "RecursionError"
    assert len(str(result.outputs)) < 20_000
    assert stdout_of(after) == "goes on\n"


def test_an_error_after_an_infinite_recursion_has_a_short_traceback_in_time(harness):
    cell = "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    raise ValueError('x')"
    (result,) = harness.run(cell)
    assert error_name(result) == "ValueError"
    assert len(str(result.outputs)) < 20_000


@pytest.mark.parametrize("magic", ["%reset -f", "%reset -sf", "%reset -f array"])
def test_a_reset_costs_no_variable_that_was_right_before_it(harness, magic):
    *_, result = harness.runner.run([Step("import numpy as np\nx = np.ones(2)"), Step(magic), Step("print(x.sum())")])
    assert stdout_of(result) == "2.0\n"
