"""Charts that only the deck ``slides/sigmoid.md`` shows. They use the variables that the notebook has at its end."""


# %% paper-chart
def empty_plane(ax):
    ax.axhline(0, color="black", linewidth=1)
    ax.axvline(0, color="black", linewidth=1)
    ax.plot(0, 0, "o", color="black", markersize=9)
    ax.set(xlabel="x₁", ylabel="x₂", xlim=(-3.2, 3.2), ylim=(-2.7, 2.7), aspect="equal")


plots.side_by_side({"": empty_plane}, alt="An empty plane with axes x₁ and x₂, and a point at the origin.")

# %% near-chart
w_warm_up = np.array([1.0, 2.0, -2.0])
far_from_line = np.abs(X @ w_warm_up) / np.sqrt(5)
boots = np.flatnonzero((y == 1) & (X @ w_warm_up > 0))
few = boots[np.argsort(far_from_line[boots])]
plots.scatter_classes(
    X,
    y,
    names=names,
    lines={"the line": w_warm_up},
    circles={"beside it, and far away": np.isin(np.arange(200), few[[0, -1]])},
    alt="The photos as points, with the line. Two boots on its positive side are circled: the one closest to the line, and the one farthest from it.",
    **axes,
)

# %% odds-chart
z_wide = np.linspace(-6, 6, 121)
plots.curves(
    z_wide,
    {"p / (1 − p)": sigmoid(z_wide) / sigmoid(-z_wide)},
    colors=(plots.TAUGHT,),
    log="y",
    xlabel="logit z",
    ylabel="odds",
    alt="The odds against the logit, on a logarithmic axis: a straight line through odds of 1 at z = 0.",
)

# %% mirror-chart
plots.curves(
    z_wide,
    {"σ(z)": sigmoid(z_wide), "σ(−z)": sigmoid(-z_wide)},
    colors=(plots.TAUGHT, plots.TRAINING),
    xlabel="logit z",
    ylabel="probability",
    alt="The sigmoid of z rises, the sigmoid of −z falls. They are mirror images and add up to 1 everywhere.",
)

# %% gap-chart
z_far = np.arange(0, 46)
difference = 1 - 1 / (1 + np.exp(-z_far))


def draw_gap(ax):
    plots.curves(
        z_far,
        {"σ(−z)": sigmoid(-z_far)},
        colors=(plots.TAUGHT,),
        log="y",
        xlabel="logit z",
        ylabel="probability of class 0",
        ax=ax,
    )
    ax.plot(z_far[difference > 0], difference[difference > 0], "o", color="black", fillstyle="none", label="1 − σ(z)")
    ax.legend()


plots.side_by_side(
    {"": draw_gap},
    alt="The probability of class 0 against z, on a logarithmic axis. σ(−z) falls along a straight line. The dots of 1 − σ(z) are on it, and end at z = 36.",
)

# %% ten-chart
layers = np.arange(11)
plots.curves(
    layers,
    {"at most": sigmoid_prime(np.zeros(1)) ** layers},
    colors=(plots.TAUGHT,),
    log="y",
    xlabel="sigmoids in a row",
    ylabel="what is left of a message",
    alt="The largest product of slopes against the number of sigmoids, on a logarithmic axis: a straight line from 1 down to a millionth at 10.",
)
