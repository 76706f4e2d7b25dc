"""What the notebooks of the lecture *Training Neural Networks, part 2* import.

`data` finds the data sets, `check` looks at properties of your functions, `plots` draws, `widgets` adds sliders.
Whatever needs the model takes *your* function as an argument: you will not find an exercise solved in here.
"""

from lectrain.mlp import MLP as MLP

__version__ = "0.2.0"
