"""Charts that only the deck ``slides/fashion_mnist.md`` shows. They use the variables that the notebook has at its end."""


# %% wall-chart
def photos(rows, names=None):
    """A wall of photos, and the names above the first row."""

    def draw(ax):
        ax.imshow(np.block([list(row) for row in rows]), cmap="gray")
        for column, name in enumerate(names or []):
            ax.text(28 * column + 14, -2, name, ha="center", va="bottom")
        ax.axis("off")

    return draw


plots.side_by_side(
    {"": photos(images[:112].reshape(8, 14, 28, 28))},
    alt="A wall of 112 small grey photos of clothes, in eight rows.",
)

# %% numbers-chart
shirt = images[first[0, 0]]


def grey_levels(ax):
    part = shirt[4:12, 6:14]
    ax.imshow(part, cmap="gray", vmin=0, vmax=255)
    for (i, j), level in np.ndenumerate(part):
        ax.text(j, i, level, ha="center", va="center", color="white" if level < 128 else "black")
    ax.axis("off")


def whole_shirt(ax):
    photos([[shirt]])(ax)
    ax.plot([5.5, 13.5, 13.5, 5.5, 5.5], [3.5, 3.5, 11.5, 11.5, 3.5], color=plots.COLORS[plots.CLASS_1])


plots.side_by_side(
    {"what you see": whole_shirt, "what it sees": grey_levels},
    alt="Left: the photo of a T-shirt, and a square on it. Right: the 64 grey levels in this square, as numbers from 0 to 255.",
)


# %% split-chart
def draw_split(ax):
    left = 0
    for name, count, color in (
        ("training", 50_000, plots.TRAINING),
        ("validation", 10_000, plots.NEW_DATA),
        ("test", len(images_test), plots.CLASS_0),
    ):
        ax.barh(0, count, left=left, color=plots.COLORS[color])
        ax.text(left + count / 2, 0.5, f"{name}\n{count // 1000} 000", ha="center", va="bottom", fontsize=20)
        left += count
    ax.set(ylim=(-0.6, 1.4))
    ax.axis("off")


plots.side_by_side(
    {"": draw_split},
    alt="A bar of three parts: 50 000 pictures for the training, 10 000 for the validation, and 10 000 for the test.",
)

# %% recall-chart
share_right = np.diag(C) / C.sum(axis=1)


def draw_recall(ax):
    ax.barh(FASHION_NAMES[::-1], share_right[::-1], color=plots.COLORS[plots.TAUGHT])
    ax.axvline(np.mean(predicted == labels_test), color="black", linestyle="--")
    ax.set(xlim=(0, 1), xlabel="share of the test pictures that it recognizes", axisbelow=True)


plots.side_by_side(
    {"dashed: all classes": draw_recall},
    alt="A bar for each of the ten classes: the share of test pictures that are recognized, from 0.55 for shirts to 0.95 for trousers. A dashed line marks the share of all classes, 0.84.",
)


# %% means-chart
def weights_of(k):
    def draw(ax):
        pixels = W[:784, k].reshape(28, 28)
        ax.imshow(pixels, cmap=plots.AMOUNTS, vmin=-abs(pixels).max(), vmax=abs(pixels).max())
        ax.axis("off")

    return draw


def mean_of(k):
    return photos([[images[labels == k].mean(axis=0)]])


plots.side_by_side(
    {
        "mean trouser": mean_of(1),
        "its weights": weights_of(1),
        "mean shirt": mean_of(6),
        "weights of “shirt”": weights_of(6),
    },
    columns=4,
    alt="Four pictures: the mean of all trousers and their weights, which have a purple line between the legs; the mean of all shirts and their weights, in which no shirt is seen.",
)

# %% bags-chart
as_bags = [i for i in worst if labels_test[i] == 0 and predicted[i] == 8]
bags = np.flatnonzero(labels_test == 8)[:3]
plots.side_by_side(
    {
        "labelled T-shirt, predicted bag": photos([images_test[as_bags]]),
        "bags": photos([images_test[bags[: len(as_bags)]]]),
    },
    alt="Left: the photos of T-shirts that were predicted as bags. Right: bags. Both fill the picture from edge to edge.",
)

# %% trouser-chart
trouser = images[first[1, 0]]
plots.side_by_side(
    {"for you": photos([[trouser]]), "for the model, just as good": photos([[trouser.ravel()[order].reshape(28, 28)]])},
    alt="Left: a trouser. Right: the same pixels in another order, in which no trouser can be recognized.",
)

# %% calibration-chart
edges = np.arange(0.3, 1.0, 0.1)
bins = [(certainty >= low) & (certainty <= low + 0.1) for low in edges]
hit = [np.mean(predicted[inside] == labels_test[inside]) for inside in bins]


def draw_calibration(ax):
    ax.plot([0.3, 1], [0.3, 1], color="0.5", linestyle="--")
    ax.plot([certainty[inside].mean() for inside in bins], hit, "o", markersize=13, color=plots.COLORS[plots.TAUGHT])
    ax.set(xlabel="probability that it states", ylabel="share that is right", aspect="equal")


plots.side_by_side(
    {"dashed: honest": draw_calibration},
    alt="The share of right predictions against the stated probability. All seven dots are close to the dashed diagonal.",
)


# %% ask-chart
def draw_all(ax):
    asked = np.zeros((200, 300))
    asked[:8, :16] = 1
    ax.imshow(asked, cmap="Greens", vmin=-0.3, vmax=1.2)
    ax.axis("off")


plots.side_by_side(
    {"a point for each of 60 000 pictures": draw_all},
    alt="A large rectangle of 60 000 points. 128 of them, a small dark corner, are a mini-batch.",
)

# %% errors-chart
plots.side_by_side(
    {
        f"{FASHION_NAMES[labels_test[i]]} → {FASHION_NAMES[predicted[i]]} {P[i].max():.3f}": photos([[images_test[i]]])
        for i in worst[:8]
    },
    columns=4,
    alt="The eight most confident errors. Above each picture are its label, an arrow, the predicted class and its probability, 0.99 or more.",
)
