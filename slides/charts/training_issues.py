"""Charts that only the deck ``slides/training_issues.md`` shows. They use the variables that the notebook has at its end."""


# %% jump-chart
def draw_jumps(ax):
    path = train(X_circle, y_circle, 1.0, 1, 60)
    region = {"xlim": (-1, 4), "ylim": (-2.8, 1.0), "minimum": best_w, "colors": [plots.RIVAL]}
    plots.paths_on_contours(lambda w: mse(w[None], X_circle, y_circle)[0], {"": path}, ax=ax, **region)


plots.side_by_side(
    {"": draw_jumps},
    alt="A round bowl, darker where the loss is lower, and the first 60 steps of patient A, which jump back and forth around the minimum.",
)


# %% stopping-chart
def losses_of(patient):
    """Both losses of a patient, without those of other seeds."""

    def draw(ax):
        picture_of({**with_more_curves(patient), "runs": ()})(ax)
        if patient == "E":
            ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)

    return draw


plots.side_by_side(
    {f"patient {name}": losses_of(name) for name in "ED"},
    alt="Two panels of loss against step. Patient E: both losses fall slowly until the last step. Patient D: the training loss falls to 0, and the validation loss falls for a few steps and then rises.",
)

# %% first-loss-chart
number_of_classes = np.arange(2, 101)


def draw_first_loss(ax):
    plots.curves(
        number_of_classes,
        {"log K": np.log(number_of_classes)},
        colors=(plots.TAUGHT,),
        xlabel="number of classes K",
        ylabel="first loss",
        ax=ax,
    )
    ax.plot([10], [np.log(10)], "o", color="black", fillstyle="none", label="ten classes")
    ax.legend()


plots.side_by_side(
    {"": draw_first_loss}, alt="The logarithm of K against K, from 2 to 100, with a mark at K = 10, where it is 2.3."
)


# %% twenty-chart
def twenty_photos(ax):
    some = data.load_fashion_mnist("train")[0][:20].reshape(4, 5, 28, 28)
    ax.imshow(np.block([list(row) for row in some]), cmap="gray")
    ax.axis("off")


plots.side_by_side({"": twenty_photos}, alt="Twenty small grey photos of clothes.")


# %% update-chart
def draw_range(ax):
    ax.axhspan(1 / 1000, 1 / 50, color=plots.COLORS[plots.TAUGHT], alpha=0.35)
    for height, text in ((0.004, "fine"), (0.25, "may destroy what was learned"), (0.0001, "may get there slowly")):
        ax.text(0.5, height, text, ha="center", va="center", fontsize=18)
    ax.set(xlim=(0, 1), ylim=(1e-5, 1), yscale="log", xticks=[], ylabel="length of an update / of the weights")
    ax.grid(visible=False)


plots.side_by_side(
    {"": draw_range},
    alt="A logarithmic axis for the length of an update over that of the weights. From a thousandth to a fiftieth it is green and fine. Above, it may destroy what was learned, and below, it may get there slowly.",
)


# %% bugs-chart
def of_check(k, low, high, log=False):
    """A bar is red if the check fails: the value is not between low and high."""

    def draw(ax):
        is_fine = (measured[:, k] >= low) & (measured[:, k] <= high)
        tones = np.where(is_fine, "0.6", plots.COLORS[plots.CLASS_1])
        ax.barh(["no bug", "pixels", "labels", "divided"], measured[:, k], color=tones)
        ax.invert_yaxis()
        ax.set_axisbelow(True)
        if log:
            ax.set_xscale("log")

    return draw


plots.side_by_side(
    {
        "first loss": of_check(0, 0, 1.5 * np.log(10)),
        "tiny batch": of_check(1, 0, 0.1),
        "update / weights": of_check(2, 1 / 1000, 1 / 50, log=True),
    },
    alt="Three bar charts, one for each check, with a bar for no bug and for each of three bugs. Bars that fail the check are red: at least one for each bug, and none without a bug.",
)

# %% scale-chart
weight = np.linspace(-1, 1, 201)
plots.curves(
    weight,
    {f"features × {scale}": np.minimum((scale * weight) ** 2, 1.05) for scale in (1, 3, 10)},
    colors=plots.shades(3),
    xlabel="weight, from the best one",
    ylabel="loss above the smallest",
    alt="Three parabolas of the loss over a weight. With features that are 3 and 10 times as large, they are 9 and 100 times as steep.",
)
