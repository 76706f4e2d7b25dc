"""Charts that only the deck ``slides/sgd.md`` shows. They use the variables that the notebook has at its end."""


# %% asked-chart
def asked(B):
    def draw(ax):
        tones = np.where(np.arange(200) < B, plots.COLORS[plots.TAUGHT], "#d5dde3")
        ax.scatter(np.arange(200) % 14, -(np.arange(200) // 14), s=130, c=tones)
        ax.set(aspect="equal")
        ax.axis("off")

    return draw


plots.side_by_side(
    {"all 200: full batch": asked(200), "20: a mini-batch": asked(20), "1: single example": asked(1)},
    alt="Three times 200 dots, one for each example. Green: all of them, 20 of them, and a single one.",
)


# %% lottery-chart
def draw_orders(ax):
    for height, name, color in ((1, "shuffled once", plots.RIVAL), (0, "shuffled every epoch", plots.TAUGHT)):
        ends = 1000 * floors[ways.index(name), :, 0]
        ax.plot(ends, np.full(10, height), "o", markersize=16, alpha=0.7, color=plots.COLORS[color])
    ax.set_yticks([1, 0], labels=["shuffled once", "shuffled\nevery epoch"])
    ax.set(xlabel="loss above the smallest, in thousandths", xlim=(0, None), ylim=(-0.6, 1.6))


plots.side_by_side(
    {"ten seeds": draw_orders},
    alt="Two rows of ten dots, one for each seed: the loss above the smallest. Shuffled once, they are spread widely; shuffled every epoch, they are close together.",
)


# %% rule-chart
def draw_rule(ax):
    plots.curves(
        B_rule,
        {"the rule": rates_of_rule},
        colors=(plots.TAUGHT,),
        log="xy",
        xlabel="batch size B",
        ylabel="learning rate η",
        ax=ax,
    )
    ax.plot(B_rule, rates_of_rule, "o", color="black", fillstyle="none", label="batch sizes that we try")
    ax.legend()


plots.side_by_side(
    {"": draw_rule},
    alt="The learning rate of the rule against the batch size, both axes logarithmic: a straight line with four marks.",
)


# %% cap-chart
def bouncing(share):
    """Five steps on a parabola of curvature 1, at a share of 2, the longest stable step."""
    w = (1 - 2 * share) ** np.arange(6)

    def draw(ax):
        wide = np.linspace(-2.2, 2.2, 99)
        ax.plot(wide, wide**2 / 2, color="0.6")
        ax.plot(w, w**2 / 2, "o-", color=plots.COLORS[plots.TAUGHT if share < 1 else plots.CLASS_1])
        ax.set(xlabel="w", ylabel="loss", xlim=(-2.2, 2.2), ylim=(-0.1, 2.4))

    return draw


plots.side_by_side(
    {"70 % of it": bouncing(0.7), "95 %": bouncing(0.95), "105 %": bouncing(1.05)},
    alt="Three parabolas with five steps. At 70 % of the longest stable step they reach the bottom, at 95 % they bounce from side to side and come down slowly, and at 105 % they climb.",
)

# %% floor-chart
halves = {"rate 0.5": 0.5, "rate 0.25": 0.25, "rate 0.125": 0.125}
plots.curves(
    np.arange(60),
    {name: losses_with(np.full(60, lr)) for name, lr in halves.items()},
    colors=plots.shades(3)[::-1],
    log="y",
    xlabel="epoch",
    ylabel="loss above the smallest",
    alt="The loss above the smallest against the epoch for three constant rates, on a logarithmic axis. Each falls and then jitters around a level of its own: the smaller the rate, the lower.",
)
