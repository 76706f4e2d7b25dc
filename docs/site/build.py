"""Build the course's website in ``build/site/``. ``make site`` runs this. It needs no network.

The students' notebooks and their zip come from `autograder.release`, as for ``make release``. The pictures come from a
run in which the functions of the exercises are written, but no answer that is a value (`notebook_runs`). The decks are
those of ``make slides``, without the votes of a class.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbformat import NotebookNode

from autograder import release
from autograder.class_report.predictions import count_predictions
from autograder.class_report.questions import Questions
from autograder.course import Course
from autograder.tracked_files import copy_tracked, tracked_files

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "slides"))
import decks  # noqa: E402
from notebook_runs import read_with_charts, run  # noqa: E402

from home import CARDS, make_thumbnail, render_home  # noqa: E402

WIDGET = "application/vnd.jupyter.widget-view+json"
GUIDES = ("docs/*.md", "deploy/*/*.md", "*.md")
NOT_A_GUIDE = {Path("README.md")}  # the site has pages of its own about the course and its grading
LITE = "lite"  # the folder of the course for a browser, which docs/lite/lite.py builds
LITE_MARKER = "lectrain.json"  # a file in it that names its edition
STATIC = ("docs/site/static", "autograder/reports/math_font")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s#:]+)(#[^)\s]*)?\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(pictures/[^)\s]+\)\n+")
# Of the home page. The picture of a sheet shows a solution.
PICTURES = ("first-attempt.gif", "report.png", "teach-again.png")
# What the lists of notebooks show. It is read from the first cell of a notebook.
FACTS = re.compile(
    r"\A# (?P<title>.+)\n(?s:.*)notebook (?P<number>\d+)\.\*? About (?P<minutes>\d+) minutes, (?P<points>[\d.]+) p"
)


def with_demonstrations(student: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Copy a student's notebook, with the outputs of demonstrations from a run that had other solution cells.

    All other cells have no output. Neither have demonstrations that failed.
    """
    nb = nbformat.from_dict(student)
    ran = {cell.id: cell for cell in executed.cells}
    for cell in nb.cells:
        if "demo" in cell.metadata.get("tags", []) and ran[cell.id].source == cell.source:
            outputs = ran[cell.id].outputs
            if not any(output.output_type == "error" for output in outputs):
                cell.outputs = [for_page(output) for output in without_widgets(outputs)]
    return nb


def without_widgets(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Leave out sliders, which need a kernel. Of an explorable, the page stays that needs none."""
    kept = []
    for output in nbformat.from_dict(outputs):
        is_widget = output.get("data", {}).pop(WIDGET, None) is not None
        if not is_widget or "text/html" in output.data:
            kept.append(output)
    return kept


def for_page(output: NotebookNode) -> NotebookNode:
    """Remove the picture for a slide, and the name of a temporary file, with which a warning begins."""
    page = nbformat.from_dict(output)
    if "metadata" in page:
        page.metadata = {}
    if page.get("name") == "stderr":
        page.text = re.sub(r"^\S*ipykernel_\S+:\d+: ", "", page.text, flags=re.MULTILINE)
    return page


def page_of(nb: NotebookNode, name: str, has_lite: bool = False) -> NotebookNode:
    """Make a page of the site: links to the files of a notebook, and cells that are collapsed to their titles.

    The name is a path without the suffix, such as ``01-sigmoid/sigmoid``. `has_lite` says whether the site contains the
    course for a browser. Sphinx does not know attachments, so the page embeds them.
    """
    page = nbformat.from_dict(nb)
    for cell in page.cells:
        for file, bundle in cell.pop("attachments", {}).items():
            ((kind, data),) = bundle.items()
            cell.source = cell.source.replace(f"attachment:{file}", f"data:{kind};base64,{data}")
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
            title = cell.source.partition("\n")[0].removeprefix("# ▸ ")
            cell.metadata["mystnb"] = {"code_prompt_show": title, "code_prompt_hide": title}
    stem = name.split("/")[-1]
    button = f'<a href="../../{LITE}/lab/index.html?path=notebooks/{name}.ipynb">Open in the browser</a> · '
    links = (
        f"{button if has_lite else ''}"
        f'<a href="../../downloads/{name}.ipynb" download>Download this notebook</a> · '
        '<a href="../../downloads/lectrain-students.zip" download>all notebooks with data</a> · '
        f'<a href="../../decks/{stem}.html">slides</a>'
    )
    about = (
        "You write the answers in your own copy. The pictures come from a run with all functions written. Long "
        "experiments show stored results."
    )
    page.cells.insert(1, nbformat.v4.new_markdown_cell(f'<p class="downloads">{links}</p>\n\n{about}'))
    return page


def counts_of(course: Course) -> dict[str, int]:
    """Count the exercises of a course, and what they consist of."""
    exercises = list(course.exercises.values())
    counts = {kind: sum(len(getattr(e, kind)) for e in exercises) for kind in ("rules", "mistakes", "variants")}
    return {"exercises": len(exercises), **counts}


def with_links_to(pages: Set[Path], guide: Path) -> str:
    """Read a guide without pictures, which show solutions. A link to a file that is not on the site becomes text."""

    def link_or_text(link: re.Match[str]) -> str:
        return link[0] if Path(os.path.normpath(guide.parent / link[2])) in pages else link[1]

    return LINK.sub(link_or_text, PICTURE.sub("", (ROOT / guide).read_text(encoding="utf-8")))


def find_guides(root: Path) -> set[Path]:
    """Find the guides that are pages of the site, as paths within the repository. Git must track them."""
    found = {file.relative_to(root) for pattern in GUIDES for file in root.glob(pattern)}
    return found & set(tracked_files(root)) - NOT_A_GUIDE


def read_facts(folder: Path) -> list[dict[str, str]]:
    """Read what lists of notebooks show: the number, title, minutes and points of each, in the order of the course."""
    facts = []
    for file in folder.glob("*/*.ipynb"):
        match = FACTS.match(nbformat.read(file, 4).cells[0].source)
        facts.append({"name": f"{file.parent.name}/{file.stem}", "stem": file.stem, **match.groupdict()})
    return sorted(facts, key=lambda fact: int(fact["number"]))


def stage(course: Course, work: Path, lite: Path | None = None) -> None:
    """Write the source of the site: pages, guides, executed notebooks, decks and downloads.

    The folder `source/` in `work` is replaced, and `run/` keeps the results of runs. With a course for a browser, the
    site links to its notebooks.
    """
    source, extra, students = work / "source", work / "extra", work / "students"
    for folder in (source, extra, students, work / "static"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in ("pictures", "decks", "thumbnails"):
        (extra / folder).mkdir(parents=True)
    for picture in PICTURES:
        shutil.copy(ROOT / "docs" / "pictures" / picture, extra / "pictures")
    for folder in STATIC:
        copy_tracked(ROOT / folder, work / "static")
    guides = find_guides(ROOT)
    for guide in guides:
        (source / guide).parent.mkdir(parents=True, exist_ok=True)
        (source / guide).write_text(with_links_to(guides, guide), encoding="utf-8")
    archive = release.write_students_zip(course, extra / "downloads" / "lectrain-students.zip")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(students)
    facts = read_facts(students / "lectrain" / "notebooks")

    def demonstrate(name: str) -> NotebookNode:
        file = students / "lectrain" / "notebooks" / f"{name}.ipynb"
        return run(read_with_charts(ROOT / "solutions" / f"{name}.ipynb"), file.parent, work / "run")

    names = [fact["name"] for fact in facts]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, executed in zip(names, pool.map(demonstrate, names), strict=True):
            write_notebook(course, name, executed, work, lite is not None)
    write_pages(course, work, {"notebooks": facts, "has_lite": lite is not None}, guides)


def write_notebook(course: Course, name: str, executed: NotebookNode, work: Path, has_lite: bool) -> None:
    """Write the page of a notebook, its deck, the picture of its card, and the file to download."""
    assignment, stem = name.split("/")
    extra, file = work / "extra", work / "students" / "lectrain" / "notebooks" / f"{name}.ipynb"
    deck = decks.make_deck(stem, executed, count_predictions(course, Questions.read(course, assignment), []))
    (extra / "decks" / f"{stem}.html").write_text(deck, encoding="utf-8")
    thumbnail = make_thumbnail(stem, decks.Source(executed, ()).inside)
    thumbnail.save(extra / "thumbnails" / f"{stem}.webp", quality=80, method=6)
    page, download = (folder / f"{name}.ipynb" for folder in (work / "source" / "notebooks", extra / "downloads"))
    for written in (page, download):
        written.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, download)
    nbformat.write(page_of(with_demonstrations(nbformat.read(file, 4), executed), name, has_lite), page)


def write_pages(course: Course, work: Path, content: dict[str, Any], guides: Set[Path]) -> None:
    """Render the pages of the site that are neither notebooks nor guides."""
    source, pages = work / "source", work / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    copy_tracked(ROOT / "docs/site/pages", pages)
    content |= {
        "counts": counts_of(course),
        "figures": json.loads((HERE / "figures.json").read_text(encoding="utf-8")),
        "guides": sorted(guide.with_suffix("").as_posix() for guide in guides),
        "cards": CARDS,
    }
    environment = Environment(loader=FileSystemLoader(pages), undefined=StrictUndefined, trim_blocks=True)
    for page in environment.list_templates(extensions=["md"]):
        (source / page).parent.mkdir(exist_ok=True)
        (source / page).write_text(environment.get_template(page).render(content), encoding="utf-8")
    home = render_home(content, os.environ.get("LECTRAIN_STUDENT_REPOSITORY", ""))
    (work / "home.html").write_text(home, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "site", help="the folder to write; it is replaced")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "site-work", help="a folder for its own files")
    parser.add_argument(
        "--lite", type=Path, metavar="FOLDER", help="the course for a browser, which `make lite` writes"
    )
    arguments = parser.parse_args()
    marker = arguments.lite and arguments.lite / LITE_MARKER
    if marker and not (marker.is_file() and json.loads(marker.read_text())["edition"] == "class"):
        parser.error(f"{arguments.lite} is not the edition for a class: run make lite")
    if any(arguments.to.glob("*")) and not (arguments.to / ".buildinfo").is_file():  # Sphinx writes this file
        parser.error(f"{arguments.to} is not an earlier site: give --to a new folder")
    work = arguments.work.resolve()
    html = work / "html"
    stage(Course.at(ROOT), work, arguments.lite)
    shutil.rmtree(html, ignore_errors=True)
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(HERE), "-d", str(work / "doctrees")]
    folders = ["-D", f"html_extra_path={work / 'extra'}", "-D", f"html_static_path={work / 'static'}"]
    completed = subprocess.run([sys.executable, *command, *folders, str(work / "source"), str(html)])
    if completed.returncode:
        sys.exit(completed.returncode)
    shutil.copy(work / "home.html", html / "index.html")
    shutil.rmtree(arguments.to, ignore_errors=True)
    shutil.copytree(html, arguments.to)
    if arguments.lite:
        shutil.copytree(arguments.lite, arguments.to / LITE)
    print(arguments.to / "index.html")


if __name__ == "__main__":
    main()
