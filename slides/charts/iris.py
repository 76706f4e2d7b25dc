"""Charts that only the deck ``slides/iris.md`` shows. They use the variables that the notebook has at its end."""


# %% names-chart
def number_line(ax):
    ax.axhline(0, color="0.6", linewidth=1, zorder=0)
    for k, name in enumerate(species):
        ax.scatter(k, 0, s=900, color=plots.COLORS[k], marker=plots.MARKERS[k])
        ax.text(k, 0.35, name, ha="center", fontsize=20)
    ax.set(xticks=range(3), yticks=[], xlim=(-0.5, 2.5), ylim=(-0.6, 0.8), xlabel="class number")


plots.side_by_side(
    {"in the order of the alphabet": number_line},
    alt="A number line with setosa at 0, versicolor at 1, half-way, and virginica at 2.",
)

# %% one-hot-chart
plots.side_by_side(
    {"Y": lambda ax: matrix(Y_few, few_rows, "flower")(ax)},
    alt="A matrix with a row for each of four flowers and a column for each species. Each row has a single 1, at its species.",
)


# %% belief-chart
def class_bars(names, heights, ylabel):
    def draw(ax):
        bars = ax.bar(names, heights, color=plots.COLORS[:3])
        ax.bar_label(bars, fmt="{:.2f}", fontsize=10, padding=1)
        ax.axhline(0, color="0.5", linewidth=1)
        ax.set(xlabel="class", ylabel=ylabel, axisbelow=True)
        ax.margins(y=0.15)
        if ylabel == "probability":
            ax.set_ylim(0, 1.1)

    return draw


plots.side_by_side(
    {few_rows[k]: class_bars(species, P_few[k], "probability") for k in (2, 0, 1)},
    alt="Three bar charts, one for each flower, of the probabilities of the three species. The first is nearly sure of setosa, the others hesitate between versicolor and the rest.",
)

# %% softmax-chart
z_few = np.array([1.0, 0.0, -1.0])
plots.side_by_side(
    {
        "logits": class_bars(["0", "1", "2"], z_few, "z"),
        "exponentials": class_bars(["0", "1", "2"], np.exp(z_few), "exp(z)"),
        "divided by their sum": class_bars(["0", "1", "2"], softmax(z_few[None])[0], "probability"),
    },
    alt="Three bar charts for the logits 1, 0 and −1: the logits, their exponentials, which are positive, and the probabilities, which add up to 1.",
)

# %% shift-chart
plots.side_by_side(
    {f"logits + {shift}": class_bars(["0", "1", "2"], np.exp(z_few + shift), "exp(z)") for shift in (0, 5)}
    | {"both, divided by their sum": class_bars(["0", "1", "2"], softmax(z_few[None] + 5)[0], "probability")},
    alt="Three bar charts. The exponentials of the logits 1, 0 and −1, and of the same logits plus 5, have the same shape, and another scale. Divided by their sum, both are the same probabilities.",
)

# %% temperature-chart
plots.side_by_side(
    {f"T = {T}": class_bars(["0", "1", "2"], softmax(z_few[None] / T)[0], "probability") for T in (0.3, 1, 5)},
    alt="Three bar charts of the probabilities for the logits 1, 0 and −1. At T = 0.3, class 0 has nearly everything. At T = 5, the three are nearly equal. The order is the same.",
)

# %% two-chart
gaps = np.linspace(-8, 8, 161)
plots.curves(
    gaps,
    {"p₁": softmax(np.column_stack([np.zeros(161), gaps]))[:, 1]},
    colors=(plots.TAUGHT,),
    xlabel="z₁ − z₀",
    ylabel="probability of class 1",
    alt="The softmax of two logits against their difference: the S of the sigmoid.",
)

# %% cost-chart
p_true_class = np.linspace(0.005, 1, 200)
plots.curves(
    p_true_class,
    {"−log p": -np.log(p_true_class)},
    colors=(plots.TAUGHT,),
    xlabel="probability p of the true class",
    ylabel="loss of one flower",
    alt="Minus log p falls from above 5 near p = 0 to 0 at p = 1.",
)

# %% rest-chart
petal_length = X_train[:, 2]


def compare(beliefs):
    """For each species, the mean of petal length times belief, and the same with the true labels."""

    def draw(ax):
        for shift, Y, color, name in (
            (-0.2, beliefs, "0.6", "expected"),
            (0.2, one_hot(labels_train, 3), plots.COLORS[2], "seen"),
        ):
            ax.bar(np.arange(3) + shift, petal_length @ Y / len(Y), 0.4, color=color, label=name)
        ax.set(xticks=range(3), xticklabels=species, ylabel="petal length × belief (cm)", ylim=(0, 2.2), axisbelow=True)
        ax.legend(loc="upper left")

    return draw


plots.side_by_side(
    {
        "before the training": compare(softmax(np.zeros((len(X_train), 3)))),
        "after it": compare(softmax(X_train @ W)),
    },
    alt="Two bar charts with a pair of bars for each species: the mean petal length, weighted by the belief in this species, and by the true labels. Before the training the pairs differ, after it they agree.",
)

# %% test-chart
hits = np.argmax(X_test @ W, axis=1) == labels_test


def draw_hits(ax):
    for k in range(3):
        for is_hit, edge in ((True, "white"), (False, "black")):
            at = np.flatnonzero((labels_test == k) & (hits == is_hit))
            tone = plots.COLORS[k] if is_hit else "white"
            ax.scatter(at % 10, -(at // 10), s=420, color=tone, edgecolor=edge, marker=plots.MARKERS[k], linewidth=2)
    ax.set(aspect="equal")
    ax.axis("off")


plots.side_by_side(
    {"blue, orange, green: the species; white: wrong": draw_hits},
    alt="50 flowers as symbols in the colours of their species. A single one is white: it is wrong.",
)


# %% error-chart
def named_errors(ax):
    errors(ax)
    ax.set_yticks(ax.get_yticks(), few_rows)


plots.side_by_side(
    {"P − Y: error": named_errors},
    alt="P − Y, with a row for each of four flowers. It is negative at the true class, with an arrow upwards, and elsewhere positive, with an arrow downwards, or about 0.",
)

# %% weights-chart
plots.side_by_side(
    {"the weights W": matrix(W_round, measured, "feature")},
    alt="The weights W as a matrix: a row for each measurement and the constant, a column for each species.",
)

# %% products-chart
plots.side_by_side(
    {"each row times its feature": matrix(X[108][:, None] * W_round, times_x)},
    alt="The same matrix with each row multiplied by its feature. Petal length adds 22.62 for virginica and takes 20.30 from setosa.",
)

# %% squash-chart
z_virginica = X[108] @ W_round
plots.side_by_side(
    {
        "column sums: logits": class_bars(species, z_virginica, "logit"),
        "softmax: probabilities": class_bars(species, softmax(z_virginica[None])[0], "probability"),
    },
    alt="Two bar charts. The logits: −8.29 for setosa, 2.52 for versicolor, 5.77 for virginica. The probabilities: 0.00, 0.04 and 0.96.",
)
