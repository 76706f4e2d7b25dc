"""Loss curves of `diagnose`, one generator per training issue, healthy ones included.

Each curve has T records and a first loss near 1. The notebook promises that no curve falls between the two thresholds
of a row of its table, so every threshold between them is accepted. The tests measure each curve against this promise.
"""

import numpy as np


def noise(rng, T):
    return rng.uniform(-0.002, 0.002, T)


def alternating(T):
    return np.where(np.arange(T) % 2, 0.9, -0.9)


def fall(rng, T):
    """From 1 to 0: exponential, a power law, or a sigmoid that starts with a plateau. Flat from the middle on."""
    t = np.arange(T) / T
    shapes = (
        lambda: np.exp(-rng.uniform(12, 20) * t),
        lambda: (1 + rng.uniform(40, 80) * t) ** -2,
        lambda: plateau_then_fall(T, rng.uniform(0.2, 0.35)),
    )
    return shapes[rng.integers(3)]()


def plateau_then_fall(T, middle):
    return 1 / (1 + np.exp(40 * (np.arange(T) / T - middle)))


def healthy_loss(rng, T, floor):
    return floor + (1 - floor) * fall(rng, T) + noise(rng, T)


def late_healthy_loss(rng, T, floor):
    """It starts with a plateau, and is flat from the middle on."""
    return floor + (1 - floor) * plateau_then_fall(T, 0.35) + noise(rng, T)


def early_peak(rng, T):
    """A peak two to three times as high as the first loss."""
    t = np.arange(T) / T
    return rng.uniform(2, 3) * np.e * 20 * t * np.exp(-20 * t)


def high_early_peak(rng, T):
    """Its peak is more than ten times as high as the first loss."""
    return 6 * early_peak(rng, T)


def stopped_loss(rng, T):
    """Still falling at the end: exponentially, linearly, or linearly after a plateau."""
    t = np.arange(T) / T
    shapes = (
        lambda: np.exp(-rng.uniform(0.6, 1.8) * t),
        lambda: 1 - rng.uniform(0.4, 0.7) * t,
        lambda: 1 - rng.uniform(0.7, 1.1) * np.maximum(t - 0.5, 0),
    )
    return 0.05 + 0.95 * shapes[rng.integers(3)]() + noise(rng, T)


def steeply_falling_loss(rng, T):
    """Still falling at the end, by more than the noise within ten records."""
    return 1 - rng.uniform(0.75, 0.85) * np.arange(T) / T + noise(rng, T)


def barely_stopped_loss(rng, T):
    return 1 - rng.uniform(0.24, 0.26) * np.arange(T) / T + noise(rng, T)


def finally_flat_loss(T):
    """It falls in the first part of its last quarter, and is flat in the last seventh of its records."""
    return 0.1 + 0.9 * np.maximum(1 - np.arange(T) / (0.85 * T), 0)


def long_falling_loss(rng, T):
    return 0.1 + 0.9 * np.maximum(1 - np.arange(T) / (0.7 * T), 0) + noise(rng, T)


def jumping_loss(rng, T):
    size = rng.uniform(0.2, 0.3)
    changes = rng.uniform(-size, size, T) if rng.integers(2) else size * alternating(T)
    loss = 0.1 + size + (0.9 - size) * fall(rng, T) + changes
    loss[0] = 1
    return loss


def jumping_and_falling_loss(rng, T):
    t = np.arange(T) / T
    return 0.25 + rng.uniform(1, 1.2) * np.minimum(1 - t, 0.5) + 0.08 * alternating(T)


def barely_jumping_and_falling_loss(rng, T):
    """Its mean change is a little above 6 % of the first loss, but its mean rise is well below 3 %."""
    loss = 1.1 - np.maximum(1.2 * np.arange(T) / T - 0.6, 0) + rng.uniform(0.0338, 0.034) * alternating(T)
    loss[0] = 1
    return loss


def spiking_loss(rng, T):
    """The mean change is large because of a spike every eight records, one of them huge; most changes are small."""
    loss = 0.3 + 0.7 * fall(rng, T) + rng.uniform(0.27, 0.3) * (np.arange(T) % 8 == 5) + noise(rng, T) / 2
    loss[T * 5 // 8] = 30
    return loss


def barely_jumping_loss(rng, T):
    """Its mean change is a little above 6 % of the first loss, but below 6 % of the largest."""
    return 0.3 + 0.7 * fall(rng, T) + early_peak(rng, T) + rng.uniform(0.036, 0.039) * alternating(T)


def initially_jumping_loss(rng, T):
    t = np.arange(T)
    return healthy_loss(rng, T, 0.3) + np.where((t > 0) & (t < 0.45 * T), 0.25, 0) * alternating(T)


def jumping_in_the_third_quarter(rng, T):
    """In the mean of the second half, the jumps count half."""
    t = np.arange(T) / T
    return healthy_loss(rng, T, 0.3) + np.where((t > 0.5) & (t < 0.7), 0.2, 0) * alternating(T)


def barely_healthy_loss(rng, T):
    """It jumps, and falls over its last quarter, by a little less than 1 % of the first loss."""
    T = T // 8 * 8 + 1  # so that the last quarter begins and ends with a jump in the same direction
    t = np.arange(T) / T
    trend = 0.06 + 0.94 * np.exp(-rng.uniform(12, 20) * t) - rng.uniform(0.028, 0.03) * t
    return trend + rng.uniform(0.0043, 0.0046) * alternating(T)


def finally_rising_loss(rng, T):
    """It rises in its last quarter, but less than it fell before, and has a single peak."""
    t = np.arange(T) / T
    loss = healthy_loss(rng, T, 0.3) + rng.uniform(0.3, 0.5) * np.maximum(t - 0.75, 0)
    loss[int(rng.uniform(0.92, 0.97) * T)] += rng.uniform(0.08, 0.1)
    return loss


def dipping_loss(rng, T):
    """Within its last quarter, it falls and rises again by the same amount."""
    distance = np.abs(np.arange(T) / T - 0.87)
    return healthy_loss(rng, T, 0.3) - rng.uniform(0.12, 0.15) * np.maximum(1 - distance / 0.1, 0)


def growing_loss(rng, T):
    """Exponential growth by a factor of 4 to 1000."""
    return np.exp(np.log(rng.uniform(4, 1000)) * np.arange(T) / (T - 1)) * (1 + noise(rng, T))


def tripling_loss(T):
    loss = np.linspace(1, 2.9, T)
    loss[-1] = 3
    return loss


def falling_then_growing_loss(rng, T):
    t = np.arange(T) / (T - 1)
    return np.exp(-3 * t) + rng.uniform(4, 6) * t**16


def overfitting_val_loss(rng, T, rise, latest_minimum=0.3, end_of_rise=1.0):
    """A validation loss with an early minimum that then rises to about `rise` times the minimum."""
    t = np.arange(T) / T
    lowest, minimum = rng.uniform(0.3, 0.36), rng.uniform(0.1, latest_minimum)
    risen = np.clip((t - minimum) / (end_of_rise - minimum), 0, 1)
    return (1 - lowest) * np.exp(-t / minimum * 6) + lowest * (1 + (rise - 1) * risen) + noise(rng, T)


def small_overfitting_val_loss(rng, T):
    """It ends at twice its lowest value, but the rise is only 2 to 3 % of the first loss."""
    lowest = rng.uniform(0.02, 0.03)
    return lowest + plateau_then_fall(T, 0.2) + lowest * np.clip(2 * np.arange(T) / T - 1, 0, 1)


def large_val_loss(rng, T):
    """It ends only 6 % above its lowest value, but the rise is 24 to 36 % of the first loss."""
    lowest = rng.uniform(4, 6)
    return lowest + plateau_then_fall(T, 0.2) + 0.06 * lowest * np.clip(2 * np.arange(T) / T - 1, 0, 1)


def returning_val_loss(rng, T):
    """A validation loss that rises to more than twice its minimum, but returns to it."""
    t = np.arange(T) / T
    return 0.3 + 0.7 * np.exp(-20 * t) + 0.5 * np.exp(-((t - 0.6) ** 2) / 0.01) + 0.03 * t + noise(rng, T)


def late_minimum_val_loss(rng, T):
    """A validation loss with a late minimum. It ends at about the lowest value of its first half."""
    t = np.arange(T) / T
    return np.where(t < 0.75, 1 - 0.8 * t, 0.4 + 0.92 * (t - 0.75)) + noise(rng, T) / 2


def dipping_val_loss(rng, T):
    """Low at record 41 alone, which is not among every second, third, fifth or seventh record."""
    loss = healthy_loss(rng, T, 0.6)
    loss[41] = 0.3
    return loss


def fall_late(loss):
    """Let a loss fall by 0.2 % of the first loss over its last quarter."""
    loss[..., loss.shape[-1] * 3 // 4] = loss[..., -1] + 0.002
    return loss


def healthy_runs(rng, T, floors):
    """A run for each floor. Their first losses differ clearly."""
    starts = rng.permutation([0.85, 1.15, *rng.uniform(0.8, 1.2, len(floors) - 2)])
    pairs = zip(floors, starts, strict=True)
    return np.array([floor + (start - floor) * fall(rng, T) + noise(rng, T) for floor, start in pairs])


def similar_floors(rng):
    return rng.uniform(0.1, 0.3) + rng.uniform(-0.005, 0.005, rng.integers(5, 9))


def different_floors(rng):
    """The first and the last are equal, so comparing these two is not enough."""
    floors = rng.permutation([0.03, 0.6, 0.03, 0.5])
    return np.array([*floors, *rng.uniform(0.03, 0.6, rng.integers(1, 5)), floors[0]])


# Each is close to the one before and to the first, but the range is 0.42.
STAIRS = (0.6, 0.5, 0.39, 0.48, 0.55, 0.64, 0.73, 0.81)


def runs_with_outlier(rng, T, place=-1, rise=0.45):
    """30 runs that fall to the same loss, but one of them rises again. The first one starts far above the others."""
    starts = np.append(16, rng.uniform(0.95, 1.05, 29))
    runs = np.array([0.1 + (start - 0.1) * fall(rng, T) for start in starts])
    runs[place] += rise * starts[1] * np.clip(4 * np.arange(T) / T - 2, 0, 1)
    return runs


def runs_with_latecomer(rng, T):
    """Runs that end at similar losses. The last one is on a plateau for most of its records."""
    runs = healthy_runs(rng, T, similar_floors(rng))
    runs[0] = late_healthy_loss(rng, T, runs[0, -1])
    last = runs[-1, -1]
    runs[-1] = last + (1 - last) * plateau_then_fall(T, 0.8)
    return runs


def replace_tail(rng, loss, *values):
    """Replace the tail of a loss, at most half of its records, by the values in equal parts."""
    loss, tail = loss.copy(), np.arange(rng.integers(len(loss) // 2, len(loss) - 5), len(loss))
    for part, value in zip(np.array_split(tail, len(values)), values, strict=True):
        loss[part] = value
    return loss
