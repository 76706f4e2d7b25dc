"""Answers to the exercises of sgd."""

from itertools import combinations, combinations_with_replacement

import numpy as np
from numpy import exp

from .common import IN_PLACE, NO_MEAN, say, wrong


def shuffled(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


say(
    "minibatches",
    "nothing is shuffled: every epoch has the same batches",
    r"shuffl|permut|random|same (batches|order)|in order|never mixed|sorted",
    lambda n, batch_size, rng: [np.arange(n)[start : start + batch_size] for start in range(0, n, batch_size)],
)
say(
    "minibatches",
    "the last batch is left out if it is not full",
    r"last (batch|one|indices|examples)|left.?over|remain|incomplete|drop|smaller batch|\brest\b|not full|partial|lost",
    lambda n, batch_size, rng: [batch for batch in shuffled(n, batch_size, rng) if len(batch) == batch_size],
)


@wrong(
    "minibatches",
    "np.random decides, not rng: equal generators do not give equal batches",
    r"\brng\b|global|np\.random|generator|own random|seed",
)
def minibatches_global_random(n, batch_size, rng):
    order = np.random.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


say(
    "minibatches",
    "drawn with replacement: some examples come twice in an epoch and others never",
    r"replac|twice|more than once|repeat|(every|each) (example|index) (comes )?(exactly )?once|duplicat|missing|left out|never|sampl",
    lambda n, batch_size, rng: [rng.integers(n, size=min(batch_size, n - i)) for i in range(0, n, batch_size)],
)
say(
    "minibatches",
    "np.array_split makes batches as equal as possible: all but the last should be full",
    r"array_split|even|equal|\bsizes?\b|full|split|balanc",
    lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size)),
)
say(
    "minibatches",
    "a generator made anew with a fixed seed shuffles the same way in every call: draw from rng",
    r"seed|same (batches|order|way|shuffl|permut|every)|every (call|epoch)|own generator|ignor|fixed|anew|default_rng|does not (use|draw)|from rng",
    lambda n, batch_size, rng: shuffled(n, batch_size, np.random.default_rng(541)),
)


@wrong("train_sgd", "w -= … changes w0 itself: start from a copy", IN_PLACE + r"|-=")
def train_sgd_in_place(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in shuffled(len(y), batch_size, rng):
            w -= lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "one epoch too many: range(num_epochs) ends one earlier",
    r"(one|an) (epoch )?(too many|more|extra)|num_epochs \+ 1|range\(|off by one|too many|extra epoch|epoch more",
)
def train_sgd_one_epoch_more(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs + 1):
        for batch in shuffled(len(y), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "shuffled once, before the loop over epochs: shuffle anew in each",
    r"anew|\bonce\b|same (order|batch)|outside|before the loop|reshuffl|shuffl\w* (again|every|in (every|each)|for (every|each)|each|at the start)|(every|each) epoch",
)
def train_sgd_shuffled_once(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, batches = np.array(w0), shuffled(len(y), batch_size, rng)
    for _ in range(num_epochs):
        for batch in batches:
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "the examples are shuffled, the labels are not: index both with the batch",
    r"belong|match|go(es)? with|stay with|own label|wrong label|labels? of (other|another)|mixed up|out of step|not (the )?labels|same (rows|indices|order|permut)|y\[batch\]"
    r"|labels (are|stay|in|do) ",
)
def train_sgd_labels_in_order(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        start = 0
        for batch in shuffled(len(y), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[start : start + len(batch)])
            start += len(batch)
    return w


@wrong(
    "train_sgd",
    "one update at the end of an epoch, with the sum of its gradients: update after every batch",
    r"after (every|each) batch|(every|each) batch|once (per|an|in (each|every)|every) epoch|end of (an|the|each|every) epoch|accumul|collect|one (update|step)"
    r"|(same|not change|unchanged|stay).{0,30}epoch|within an epoch|too few updates",
)
def train_sgd_one_update_an_epoch(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        total = np.zeros(w.shape)
        for batch in shuffled(len(y), batch_size, rng):
            total = total + grad_fn(w, X[batch], y[batch])
        w = w - lr * total
    return w


@wrong(
    "train_sgd",
    "batches are drawn with replacement: in an epoch every example should come once",
    r"replac|twice|more than once|(every|each) example|whole epoch|sampl|each example once|left out|never|repeat",
)
def train_sgd_sampling(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        for start in range(0, len(y), batch_size):
            batch = rng.integers(len(y), size=min(batch_size, len(y) - start))
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "train_sgd",
    "grad_fn returns the mean gradient already: do not divide by the size of the batch again",
    r"divid|\bmean\b.{0,30}(already|twice|again)|already|twice|again|second time|len\(batch|too (small|short)|shorter|smaller",
)
def train_sgd_divides_again(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0)
    for _ in range(num_epochs):
        for batch in shuffled(len(y), batch_size, rng):
            w = w - lr / len(batch) * grad_fn(w, X[batch], y[batch])
    return w


@wrong(
    "all_minibatch_gradients",
    "these are choices with replacement, in which an example may come twice in a batch",
    r"replac|twice|more than once|repeat|different|too many|same (example|index)|with itself|combinations\b",
)
def all_minibatch_gradients_with_replacement(per_example, batch_size):
    choices = combinations_with_replacement(range(len(per_example)), batch_size)
    return np.array([per_example[list(some)].mean(axis=0) for some in choices])


say(
    "all_minibatch_gradients",
    "neighbouring rows only: every choice of different examples is a batch",
    r"consecutive|neighbou?r|contiguous|slice|window|adjacent|(every|all) (the )?(possible )?(choice|batch|subset|combination)|too few|C\(n|in a row|side by side|combinations",
    lambda per_example, batch_size: np.array(
        [per_example[i : i + batch_size].mean(axis=0) for i in range(len(per_example) - batch_size + 1)]
    ),
)
say(
    "all_minibatch_gradients",
    "a tuple is an index for each axis: make a list of it before it picks rows",
    r"tuple|list\(|\blist of|make a list|index for each|each axis|indices|IndexError",
    lambda per_example, batch_size: np.array(
        [np.mean(per_example[some], axis=0) for some in combinations(range(len(per_example)), batch_size)]
    ),
)
say(
    "all_minibatch_gradients",
    "the sum over the batch: divide by its size",
    NO_MEAN + r"|/ ?B\b|by B\b|batch_size times|B times",
    lambda per_example, batch_size: np.array(
        [per_example[list(some)].sum(axis=0) for some in combinations(range(len(per_example)), batch_size)]
    ),
)


say(
    "scaled_lr",
    "the ratio is upside down: a larger batch gets a larger rate",
    r"upside down|invers|invert|wrong way|other way|reciprocal|swap|exchang|\bfalls|shrinks|smaller|numerator|revers|opposite|turned",
    lambda base_lr, base_batch, batch: base_lr * base_batch / batch,
)
say(
    "scaled_lr",
    "the rule is in proportion, not with the square root",
    r"sqrt|\broot|√",
    lambda base_lr, base_batch, batch: base_lr * np.sqrt(batch / base_batch),
)
say(
    "scaled_lr",
    "// cuts the ratio off to a whole number: smaller batches get the rate 0",
    r"//|integer|whole|floor|round|truncat|cut off|fraction",
    lambda base_lr, base_batch, batch: base_lr * (batch // base_batch),
)


say(
    "exponential_decay",
    "epochs count from 0, and the first one has the whole lr0: c ** epoch, not epoch + 1",
    r"epoch \+ 1|e \+ 1|one (epoch|factor|power|multipl|c)|(first|earliest) epoch|too (early|often|much)|off by one|epoch 0|(whole|all of|full) lr0|once too|from 0",
    lambda lr0, c, epoch: lr0 * c ** (np.asarray(epoch) + 1.0),
)
say(
    "exponential_decay",
    "multiplied by the epoch: c has to be raised to its power",
    r"power|\*\*|c\^|cᵉ|linear|multipl|product|raise|exponent\b",
    lambda lr0, c, epoch: lr0 * c * epoch,
)
say(
    "exponential_decay",
    "this is exp(-c e): the base of the power is c itself",
    r"exp\(|\be\^|e⁻|Euler|natural|c ?\*\*|power|\bbase|c\^|c itself|cᵉ",
    lambda lr0, c, epoch: lr0 * exp(-c * np.asarray(epoch)),
)


@wrong(
    "exponential_decay",
    "range(epoch) counts to a single epoch only: ** works on arrays, too",
    r"range\(|\bloop|single (epoch|number)|one (epoch|number)\b|only (for |takes |works for )?(a |an |one )?(single|int|number|scalar)|\*\*|element"
    r"|(not|fails?) (for|on|with)? ?(an )?arrays?|takes? (an )?array|arrays? too",
)
def exponential_decay_loop(lr0, c, epoch):
    lr = lr0
    for _ in range(epoch):
        lr *= c
    return lr
