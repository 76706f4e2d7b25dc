"""Charts that only the deck ``slides/momentum.md`` shows. They use the variables that the notebook has at its end."""


# %% dilemma-chart
def walk(lr, color):
    H = np.diag([1.0, 20.0])

    def draw(ax):
        region = {"xlim": (-2, 10), "ylim": (-3.2, 3.2), "minimum": (0, 0), "colors": [color]}
        plots.paths_on_contours(lambda w: bowl(H, w), {"": descent(H, [9.0, 1.5], lr, 12)}, ax=ax, **region)

    return draw


plots.side_by_side(
    {"shorter steps": walk(0.01, plots.RIVAL), "longer steps": walk(0.103, plots.RIVAL)},
    alt="The narrow valley twice, with twelve steps each. With shorter steps, the walker comes down the wall and hardly advances. With longer ones, it jumps higher and higher from wall to wall.",
)


# %% kappa-chart
def round_or_narrow(kappa):
    def draw(ax):
        plots.paths_on_contours(lambda w: bowl(np.diag([1.0, kappa]), w), {}, xlim=(-3, 3), ylim=(-2, 2), ax=ax)

    return draw


plots.side_by_side(
    {f"κ = {kappa}": round_or_narrow(kappa) for kappa in (1, 4, 30)},
    alt="Three landscapes with equal scales on both axes: a round bowl for κ = 1, ellipses for κ = 4, and a narrow valley for κ = 30.",
)

# %% factor-chart
condition = np.geomspace(1, 10_000, 99)
kept = {
    "gradient descent": (condition - 1) / (condition + 1),
    "Polyak's momentum": (np.sqrt(condition) - 1) / (np.sqrt(condition) + 1),
}


def draw_factors(names):
    colors = (plots.RIVAL, plots.TAUGHT)
    plots.curves(
        condition,
        {name: kept[name] for name in names},
        colors=colors,
        log="x",
        xlabel="condition number κ",
        ylabel="factor per step",
        alt=f"The factor that is left of the error after a step, against κ on a logarithmic axis, for {' and '.join(names)}. It rises from 0 to nearly 1.",
    )


draw_factors(["gradient descent"])

# %% factors-chart
draw_factors(list(kept))


# %% pushes-chart
def lengths_of_steps(alpha, num_steps):
    """The length of a step in units of εg, if each gradient is the same g."""
    W, V, lengths = np.zeros(1), np.zeros(1), []
    for _ in range(num_steps):
        W, V = momentum_step(W, V, np.ones(1), 1.0, alpha)
        lengths.append(V[0])
    return np.array(lengths)


plots.curves(
    np.arange(1, 51),
    {"length of the step": lengths_of_steps(0.9, 50), "ten pushes": np.full(50, 10)},
    colors=(plots.TAUGHT, plots.TRAINING),
    xlabel="step",
    ylabel="length, in units of εg",
    alt="The length of the step against the step. It rises from 1, ever more slowly, towards a dashed line at 10.",
)


# %% gain-chart
def gains(ax):
    for name, (slow, _, quick), mark in zip(pixels, stored, "so^", strict=True):
        ax.plot(slow, slow / quick, mark, markersize=9, label=name)
    ax.axhline(1, color="black", linewidth=1)
    ax.axvline(20, color="black", linewidth=1, linestyle="--")
    ax.set(xscale="log", yscale="log", xlabel="steps of plain descent", ylabel="times as fast with α = 0.9")
    ax.set_xticks([5, 10, 20, 50, 100, 300], [5, 10, 20, 50, 100, 300])
    ax.set_yticks([1, 2, 5, 10], [1, 2, 5, 10])
    ax.minorticks_off()
    ax.legend()


plots.side_by_side(
    {"": gains},
    alt="How many times as fast momentum with α = 0.9 is, against the steps of plain descent, for seven targets and three kinds of pixels. Below ten steps it is about 1. To the right of a dashed line at 20 steps, all dots are above 1, and most are higher the farther right they are.",
)
