"""The library that the notebooks of the lecture *Training Neural Networks, part 2* import.

`data` loads data sets, `check` checks properties of your functions, `plots` draws pictures, `widgets` adds sliders.
Functions that need a part of your solution take it as an argument: this package solves no exercise.
"""

import sys

from lectrain import report
from lectrain.mlp import MLP as MLP

__version__ = "0.2.0"

report.watch_pictures()
if sys.platform == "emscripten":  # a browser: the edition for it adds this module
    from lectrain import browser

    browser.install()
