"""Charts that only the deck ``slides/flat_minima.md`` shows. They use the variables that the notebook has at its end."""

# %% spread-chart
rise = [sharpness(toy_loss, theta, 0.3, np.random.default_rng(541), 20) for theta in (flat, sharp)]


def around_minimum(place):
    def draw(ax):
        walked = place + np.array([-0.3, 0, 0.3])
        ax.plot(x_toy, on_training, color=plots.COLORS[plots.TRAINING])
        ax.plot(walked, np.interp(walked, x_toy, on_training), "o", markersize=14, color=plots.COLORS[plots.CLASS_1])
        ax.set(xlim=(place - 1, place + 1), ylim=(-0.05, 1.1), xlabel="parameter", ylabel="training loss")

    return draw


plots.side_by_side(
    {f"sharpness {height:.2f}": around_minimum(place) for height, place in zip(rise, (-2, 2), strict=True)},
    alt="The two minima of the toy loss, each with a dot at the minimum and one 0.3 to the left and to the right. At the flat one, all three are low. At the sharp one, the two outer ones are high.",
)


# %% slice-chart
def draw_slice(ax):
    levels = np.geomspace(heights.min(), heights.max(), 15)
    ax.contourf(sides, sides, heights.T, levels, cmap=plots.LANDSCAPE, norm="log")
    ax.plot(sides[[0, -1]], [0, 0], color=plots.COLORS[plots.CLASS_1], linewidth=3)
    for name, x_of in (("start", 1), ("trained", 0)):
        ax.plot(x_of, 0, "o", markersize=14, color="white", markeredgecolor="black")
        ax.annotate(name, (x_of, 0), (0, 16), textcoords="offset points", ha="center", path_effects=plots.HALO)
    ax.set(xticks=[], yticks=[], xlabel="one of 101 770 directions", ylabel="another one")
    ax.grid(visible=False)


plots.side_by_side(
    {"a slice through the landscape": draw_slice},
    alt="A landscape of two directions, darker where the loss is lower, and a straight line through it: from the random start through the trained network.",
)


# %% edge-chart
def draw_edge(ax):
    largest = tuned[list(rates).index(500), :, :, 0, 0].mean(axis=1)
    ax.plot(rates[500], largest, "s", color=plots.COLORS[plots.TRAINING], markersize=13, label="full batch: no noise")
    ax.plot([0.1, 1], [20, 2], "--", color=plots.COLORS[plots.CLASS_1], label="2 / learning rate")
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel=r"$\lambda_{\max}$")
    ax.legend()


plots.side_by_side(
    {"stopped at 0.05": draw_edge},
    alt="The largest curvature against the learning rate for the full batch, both axes logarithmic. It falls, and stays near or below a dashed line, two over the rate.",
)


# %% longer-chart
def first_and_second(quantity):
    def draw(ax):
        values = table[:, :, :, quantities.index(quantity)].mean(axis=1)
        for runs, color, name in zip(values, plots.shades(3), settings, strict=True):
            ax.plot(["first stop", "second stop"], runs, "o-", color=color, label=name)
        ax.set(ylabel=quantity.replace("λmax", r"$\lambda_{\max}$"), ylim=(0, 1.1 * values.max()))
        if quantity == "test loss":  # one legend is enough
            ax.legend(loc="lower center")

    return draw


plots.side_by_side(
    {"less curved": first_and_second("largest curvature λmax"), "and worse": first_and_second("test loss")},
    alt="Two panels with three settings each, at the first and at the second stop. On the left the largest curvature falls. On the right the test loss rises.",
)


# %% twins-chart
def draw_twins(ax):
    for x_of, hidden in ((0, "ABCD"), (2, "DCBA")):
        for i, name in enumerate(hidden):
            color = plots.COLORS["ABCD".index(name)]
            for end in ((x_of - 0.6, 0), (x_of + 0.6, 0)):
                ax.plot([x_of, end[0]], [1.5 - i, end[1]], color=color, linewidth=2)
                ax.plot(*end, "o", markersize=18, color="0.5")
            ax.plot(x_of, 1.5 - i, "o", markersize=26, color=color)
            ax.text(x_of, 1.5 - i, name, color="white", ha="center", va="center", fontweight="bold")
    ax.text(1, 0, "=", ha="center", va="center", fontsize=44)
    ax.set(ylim=(-2, 2))
    ax.axis("off")


plots.side_by_side(
    {"other parameters, the same function": draw_twins},
    alt="Two small networks with four hidden units, in the order A B C D and D C B A, and an equals sign between them.",
)


# %% normalized-chart
def against_scale(column, ylabel):
    def draw(ax):
        ax.plot(scales, rows[:, column], "o-", color=plots.COLORS[plots.TAUGHT])
        ax.set(xscale="log", xlabel="c", ylabel=ylabel, ylim=(0, 1.1 * rows[:, column].max()))
        ax.set_xticks([0.25, 1, 4], labels=["1/4", "1", "4"])
        ax.set_xticks([], minor=True)

    return draw


plots.side_by_side(
    {
        "largest curvature": against_scale(1, r"$\lambda_{\max}$"),
        "filter-normalized": against_scale(3, "rise of the loss"),
    },
    alt="Two panels against the scale c. On the left, the largest curvature changes by a large factor. On the right, the filter-normalized sharpness is constant.",
)
