"""Charts that only the deck ``slides/bce.md`` shows. They use the variables that the notebook has at its end."""

# %% knob-chart
z_wide = np.linspace(-12, 12, 241)
curve = sigmoid(z_wide)
plots.curves(
    z_wide,
    {"slope of the sigmoid": np.gradient(curve, z_wide)},
    colors=(plots.RIVAL,),
    xlabel="logit z",
    ylabel="slope of the sigmoid",
    alt="The slope of the sigmoid against the logit, measured: a bell of height 0.25 at 0, and nearly 0 beyond −6 and 6.",
)


# %% coin-chart
def faces(names, shares):
    def draw(ax):
        ax.bar(names, shares, color=plots.COLORS[: len(names)])
        ax.set(ylim=(0, 1), ylabel="probability", axisbelow=True)

    return draw


def bell(ax):
    distance = np.linspace(-3, 3, 99)
    ax.plot(distance, np.exp(-(distance**2) / 2), color=plots.COLORS[plots.TAUGHT])
    ax.set(xticks=[0], xticklabels=["ŷ"], yticks=[], ylim=(0, 1.1))


p_boot = np.mean(y[:10])
plots.side_by_side(
    {"the label": faces(["sandal", "boot"], [1 - p_boot, p_boot])},
    alt="Two bars for a loaded coin: the probability of a sandal, 0.6, and of a boot, 0.4.",
)

# %% recipe-chart
plots.side_by_side(
    {
        "Gaussian: squared error": bell,
        "coin: log-loss": faces(["0", "1"], [1 - p_boot, p_boot]),
        "die: cross-entropy": faces(["0", "1", "2"], [0.2, 0.5, 0.3]),
    },
    alt="Three distributions: a bell for the Gaussian, whose loss is the squared error; two bars for the coin, whose loss is the log-loss; and three bars for a die, whose loss is the cross-entropy.",
)

# %% from-p-chart
z_far = np.arange(0, 51)
with np.errstate(divide="ignore"):
    from_p = -np.log(1 - 1 / (1 + np.exp(-z_far)))


def draw_from_p(ax):
    plots.curves(
        z_far,
        {"from z": [bce_with_logits(np.array([float(z_one)]), np.array([0])) for z_one in z_far]},
        colors=(plots.TAUGHT,),
        xlabel="logit z (the label is 0)",
        ylabel="loss",
        ax=ax,
    )
    ax.plot(
        z_far[np.isfinite(from_p)], from_p[np.isfinite(from_p)], "o", color="black", fillstyle="none", label="from p"
    )
    ax.legend()


plots.side_by_side(
    {"": draw_from_p},
    alt="The log-loss of one example with label 0, computed from z and from p. From z it rises along a straight line. The dots from p are on it, and end at z = 36.",
)

# %% clipped-chart
plots.curves(
    z_far,
    {
        name: [loss(np.array([float(z_one)]), np.array([0])) for z_one in z_far]
        for name, loss in {"log-loss": bce_with_logits, "with p clipped": clipped_loss}.items()
    },
    colors=(plots.TAUGHT, plots.RIVAL),
    xlabel="logit z (the label is 0)",
    ylabel="loss",
    alt="The log-loss rises along a straight line. With p clipped, it is the same up to z = 16, and flat from there on.",
)

# %% push-chart
one = np.ones((1, 1))
plots.curves(
    z_wide,
    {
        name: [grad(np.array([z_one]), one, np.array([0]))[0] for z_one in z_wide]
        for name, grad in {"log-loss": bce_grad, "MSE": mse_grad}.items()
    },
    colors=(plots.TAUGHT, plots.RIVAL),
    xlabel="logit z (the label is 0)",
    ylabel="push (gradient)",
    alt="The gradients of both losses for one example with label 0. That of the MSE is a low bump near 0 and vanishes on both sides. That of the log-loss rises to 1, and stays there.",
)

# %% costs-chart
w_trained = gradient_descent(lambda w: bce_grad(w, X, y), np.zeros(3), lr=1.0, num_steps=2000)[-1]
costs = np.array([bce_with_logits(X[i : i + 1] @ w_trained, y[i : i + 1]) for i in range(200)])
highest = np.argsort(-costs)[:20]
is_wrong = (X[highest] @ w_trained >= 0) != y[highest]


def draw_costs(ax):
    ax.bar(np.arange(20), costs[highest], color=np.where(is_wrong, plots.COLORS[plots.CLASS_1], "0.6"))
    ax.axhline(np.log(2), color="black", linestyle="--")
    ax.set(xlabel="the 20 most expensive photos", ylabel="log-loss", xticks=[], axisbelow=True)


plots.side_by_side(
    {"dashed: the cost on the line": draw_costs},
    alt="The log-loss of the 20 most expensive photos, from the largest. A dashed line marks log 2, the cost of a photo on the line. The first photo costs several times as much.",
)
