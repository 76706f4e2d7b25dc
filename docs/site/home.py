"""The home page of the website: `home/home.html.j2` with its style, and a script that turns a line between photos.

It replaces the page that Sphinx makes of ``pages/index.md``, whose theme would load a megabyte for it.
"""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image, ImageOps

from lectrain import data
from lectrain.plots import CLASS_0, CLASS_1, COLORS
from lectrain.widgets import EXPLORABLES, module_of

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parent / "pictures"
CARDS = {  # a cell with a picture that does not move and its panel, or a still; and what the card of the notebook says
    "sigmoid": ("map#1", "Turn a line into a probability, and keep it correct where the obvious formula overflows."),
    "bce": ("contours#2", "Two losses punish a wrong answer. One of them falls asleep where it is needed most."),
    "iris": ("boundaries#1", "Three species of iris and one softmax: from two classes to as many as you like."),
    "fashion_mnist": (
        "fashion.png",
        "Train on 60 000 photos of clothes, and then look at the weights.",
    ),
    "sgd": (
        "paths-picture#1",
        "A thousand rough steps reach the valley before five careful ones. Find out when they stop being enough.",
    ),
    "training_issues": (
        "waiting-room#1",
        "Six loss curves sit in the waiting room. Find out what each patient has, and treat it.",
    ),
    "momentum": ("zigzag#2", "Give the walker inertia, and race gradient descent through a long, narrow valley."),
    "flat_minima": (
        "flat.png",
        "Take a famous picture of training apart: what can one line through the loss tell?",
    ),
}
CUTS = {"fashion.png": (14, 70, 528, 364), "flat.png": (8, 90, 446, 384)}  # of stills: left, upper, right, lower
THUMBNAIL = (480, 300)
SANDAL, BOOT = 5, 9  # their numbers in Fashion-MNIST
GAP = 0.3  # how far apart two photos are in at least one feature, so that few of them overlap
GREYS = 8  # levels of a photo: more would make the page larger and look the same


def render_home(content: dict[str, Any], repository: str) -> str:
    """Return the home page, with the content of the other pages and the address of a public repository or ""."""
    environment = Environment(loader=FileSystemLoader((HERE / "home", HERE / "pages")), undefined=StrictUndefined)
    own = {
        "style": "".join((HERE / file).read_text(encoding="utf-8") for file in ("home/home.css", "static/cards.css")),
        "script": _script(),
        "film": Image.open(PICTURES / "first-attempt.gif").size,
        "report": Image.open(PICTURES / "report.png").size,
        "hours": round(sum(int(notebook["minutes"]) for notebook in content["notebooks"]) / 60),
        "repository": repository,
    }
    return environment.get_template("home.html.j2").render(content | own)


def make_thumbnail(stem: str, find_picture: Callable[[str, str], Image.Image]) -> Image.Image:
    """The top of a card: the upper part of a panel, which `find_picture(cell, panel)` has, or a part of a still."""
    name, _, panel = CARDS[stem][0].partition("#")
    if name in CUTS:
        still = Image.open(EXPLORABLES / name).convert("RGB").crop(CUTS[name])
        return ImageOps.pad(still, THUMBNAIL, Image.Resampling.LANCZOS, color="white")
    picture = find_picture(name, panel).convert("RGB")
    return ImageOps.fit(picture, THUMBNAIL, Image.Resampling.LANCZOS, centering=(0.5, 0.15))


def _script() -> str:
    """The script of the page. It looks for an element with the id ``learning-line``."""
    module = (HERE / "home" / "line.mjs").read_text(encoding="utf-8")
    own = re.sub(r'^import .*/kit\.mjs";\n', "", module, flags=re.MULTILINE)
    start = f'render({{ el: document.getElementById("learning-line"), shoes: {json.dumps(choose_shoes())} }});'
    return f"{module_of('kit')}{own}\n{start}"


def choose_shoes() -> dict[str, object]:
    """Choose photos that are far enough apart in brightness and symmetry, the features of notebook 1."""
    images, classes = data.load_fashion_mnist("train")
    chosen = np.flatnonzero(np.isin(classes, (SANDAL, BOOT)))[:200]
    photos, is_boot = images[chosen] / 255, classes[chosen] == BOOT
    brightness = photos.mean(axis=(1, 2))
    features = np.column_stack([brightness, -np.abs(photos - photos[:, ::-1]).mean(axis=(1, 2)) / brightness])
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    apart: list[int] = []
    for i in range(len(features)):
        if all(np.abs(features[i] - features[j]).max() > GAP for j in apart):
            apart.append(i)
    X, signs = features[apart], np.where(is_boot[apart], 1, -1)
    X -= X.mean(axis=0)  # so that a line through the middle separates them
    return {"X": X.round(2).tolist(), "signs": signs.tolist(), "photos": _strip(photos[apart], signs)}


def _strip(photos: np.ndarray, signs: np.ndarray) -> str:
    """The photos in a row, each in the colour of its class on a transparent ground, as the address of a picture."""
    colors = np.array([[int(COLORS[k][i : i + 2], 16) for i in (1, 3, 5)] for k in (CLASS_0, CLASS_1)])
    strip = np.zeros((28, 28 * len(photos), 4), dtype=np.uint8)
    for i, (photo, sign) in enumerate(zip(photos, signs, strict=True)):
        place = strip[:, 28 * i : 28 * (i + 1)]
        place[..., :3] = colors[int(sign > 0)]
        place[..., 3] = (photo * (GREYS - 1)).round() * 255 // (GREYS - 1)
    file = io.BytesIO()
    Image.fromarray(strip).save(file, "webp", lossless=True, quality=100, method=6)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
