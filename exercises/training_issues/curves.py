"""Loss curves of `diagnose`, one generator per training issue, healthy ones included.

Each curve has T records and a first loss near 1. The notebook promises that no curve falls between the two thresholds
of a row of its table, so every threshold between them is accepted. There are many ways to round T / 2 and 3 T / 4, so a
curve never changes its name if its second half or its last quarter begins a few records earlier or later. The tests
measure each curve against both promises.

Random numbers only change sizes and places. Which shapes occur is fixed, so that no answer is right by luck.
"""

from itertools import cycle

import numpy as np

MARGIN = 4  # records around the border of a half or quarter


def noise(T):
    """The same numbers before the end of every curve, the lowest at the end. So luck does not decide which is lower."""
    return np.append(np.random.default_rng(5).uniform(-0.0019, 0.002, 999), -0.002)[-T:]


def records_before_the_end(T):
    """T - 1, …, 1, 0. The place of a jump is counted from the end, so that it does not depend on the draw of T."""
    return np.arange(T)[::-1]


def alternating(T):
    return np.where(records_before_the_end(T) % 2, 0.9, -0.9)


def away_from_borders(T):
    """False for the records where the second half or the last quarter may begin, and for the last ones."""
    return np.all([np.abs(np.arange(T) - border) > MARGIN for border in (T / 2, 3 * T / 4, T - 1)], axis=0)


def exponential_fall(rng, T):
    return np.exp(-rng.uniform(12, 20) * np.arange(T) / T)


def power_law_fall(rng, T):
    return (1 + rng.uniform(40, 80) * np.arange(T) / T) ** -2


def late_fall(rng, T):
    return plateau_then_fall(T, rng.uniform(0.2, 0.35))


FALLS = (exponential_fall, power_law_fall, late_fall)  # from 1 to 0, and flat from the middle on


def plateau_then_fall(T, middle):
    return 1 / (1 + np.exp(40 * (np.arange(T) / T - middle)))


def healthy_loss(rng, T, floor, fall=exponential_fall):
    return floor + (1 - floor) * fall(rng, T) + noise(T)


def late_healthy_loss(rng, T, floor):
    """It starts with a plateau, and is flat from the middle on."""
    return floor + (1 - floor) * plateau_then_fall(T, 0.35) + noise(T)


def early_peak(rng, T):
    """A peak two to three times as high as the first loss."""
    t = np.arange(T) / T
    return rng.uniform(2, 3) * np.e * 20 * t * np.exp(-20 * t)


def high_early_peak(rng, T):
    """Its peak is more than ten times as high as the first loss."""
    return 6 * early_peak(rng, T)


def exponentially_stopped_loss(rng, T):
    return 0.05 + 0.95 * np.exp(-rng.uniform(0.6, 1.8) * np.arange(T) / T) + noise(T)


def stopped_loss(rng, T):
    return 1 - rng.uniform(0.4, 0.65) * np.arange(T) / T + noise(T)


def stopped_loss_after_plateau(rng, T):
    return 1 - rng.uniform(0.7, 1.0) * np.maximum(np.arange(T) / T - 0.5, 0) + noise(T)


def steeply_falling_loss(rng, T):
    """Still falling at the end, by more than the noise within ten records."""
    return 1 - rng.uniform(0.75, 0.85) * np.arange(T) / T + noise(T)


def barely_stopped_loss(rng, T):
    return 1 - rng.uniform(0.212, 0.216) * np.arange(T) / T + noise(T)  # 5.3 to 5.4 % in the last quarter


def loss_with_late_step(rng, T):
    """It falls just after the first records of its last quarter. The mean of this quarter is near its last loss."""
    size = rng.uniform(0.3, 0.32)
    return healthy_loss(rng, T, 0.3) + size * (np.arange(T) < 3 * T / 4 + MARGIN)


def finally_flat_loss(T):
    """It falls in the first part of its last quarter, and is flat in the last seventh of its records."""
    return 0.1 + 0.9 * np.maximum(1 - np.arange(T) / (0.85 * T), 0)


def falling_loss_with_peak(rng, T):
    """It falls until the end, and rises only once."""
    loss = 1 - rng.uniform(0.4, 0.6) * np.arange(T) / T
    loss[T * 7 // 8] += 0.2
    return loss


def long_falling_loss(rng, T):
    return 0.1 + 0.9 * np.maximum(1 - np.arange(T) / (0.7 * T), 0) + noise(T)


def jumping_loss(rng, T):
    """It changes up and down in turn."""
    size = rng.uniform(0.2, 0.3)
    return start_at_one(0.1 + size + (0.9 - size) * exponential_fall(rng, T) + size * alternating(T))


def irregularly_jumping_loss(rng, T):
    size = rng.uniform(0.2, 0.3)
    return start_at_one(0.1 + size + (0.9 - size) * power_law_fall(rng, T) + rng.uniform(-size, size, T))


def sawtooth_loss(rng, T, direction):
    """Four small changes in a direction, then a large one back, again and again."""
    size = rng.uniform(0.3, 0.35)
    return start_at_one(
        0.4 + 0.6 * exponential_fall(rng, T) + direction * size * (0.5 - records_before_the_end(T) % 5 / 4)
    )


def start_at_one(loss):
    loss[0] = 1
    return loss


def jumping_and_falling_loss(rng, T):
    t = np.arange(T) / T
    return 0.25 + rng.uniform(1, 1.2) * np.minimum(1 - t, 0.5) + 0.08 * alternating(T)


def barely_jumping_and_falling_loss(rng, T):
    """Its mean change is a little above 6 % of the first loss, but its mean rise is well below 3 %."""
    return start_at_one(
        1.1 - np.maximum(1.5 * np.arange(T) / T - 0.75, 0) + rng.uniform(0.036, 0.0365) * alternating(T)
    )


def spiking_loss(rng, T):
    """The mean change is large because of a spike every eight records, one of them huge; most changes are small."""
    spikes = records_before_the_end(T) % 8 == 5
    loss = 0.3 + 0.7 * exponential_fall(rng, T) + rng.uniform(0.27, 0.3) * spikes + noise(T) / 2
    loss[T * 5 // 8] = 30
    return loss


def barely_jumping_loss(rng, T):
    """Its mean change is a little above 6 % of the first loss, but below 6 % of the largest."""
    return 0.3 + 0.7 * exponential_fall(rng, T) + early_peak(rng, T) + rng.uniform(0.036, 0.039) * alternating(T)


def initially_jumping_loss(rng, T):
    t = np.arange(T)
    return healthy_loss(rng, T, 0.3) + np.where((t > 0) & (t < 0.45 * T), 0.25, 0) * alternating(T)


def jumping_in_the_third_quarter(rng, T):
    """In the mean of the second half, the jumps count half."""
    t = np.arange(T) / T
    return healthy_loss(rng, T, 0.3) + np.where((t > 0.5) & (t < 0.7), 0.2, 0) * alternating(T)


def barely_healthy_loss(rng, T):
    """It jumps, and falls over its last quarter, by a little less than 1 % of the first loss."""
    trend = 0.06 + 0.94 * exponential_fall(rng, T) - rng.uniform(0.03, 0.034) * np.arange(T) / T
    return trend + rng.uniform(0.005, 0.0055) * alternating(T) * away_from_borders(T)


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


def loss_with_step_up(rng, T):
    """Soon after the beginning of its last quarter it rises at once, and falls back slowly: a fitted line falls."""
    t = np.arange(T) / T
    begin = 0.75 + 2 * MARGIN / T
    return healthy_loss(rng, T, 0.3) + np.where(t > begin, rng.uniform(0.15, 0.18) * (1 - t) / (1 - begin), 0)


def loss_with_single_peak(rng, T):
    """The mean of its changes is small, but not the mean of their squares."""
    loss = healthy_loss(rng, T, 0.3)
    loss[T * 5 // 8] += T / 500
    return loss


def growing_loss(rng, T):
    """Exponential growth by a factor of 50 to 1000."""
    return np.exp(np.log(rng.uniform(50, 1000)) * np.arange(T) / (T - 1)) * (1 + noise(T))


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
    return (1 - lowest) * np.exp(-t / minimum * 6) + lowest * (1 + (rise - 1) * risen) + noise(T)


def rising_last_val_loss(rng, T):
    """It stays low until its last record."""
    loss = healthy_loss(rng, T, 0.3)
    loss[-1] = 0.5
    return loss


def small_overfitting_val_loss(rng, T):
    """It ends at twice its lowest value, but the rise is only 2 to 3 % of the first loss."""
    lowest = rng.uniform(0.02, 0.03)
    return lowest + plateau_then_fall(T, 0.2) + lowest * np.clip(2 * np.arange(T) / T - 1, 0, 1)


def large_val_loss(rng, T):
    """It ends only 6 % above its lowest value, but the rise is 24 to 36 % of the first loss."""
    lowest = rng.uniform(4, 6)
    return lowest + plateau_then_fall(T, 0.2) + 0.06 * lowest * np.clip(2 * np.arange(T) / T - 1, 0, 1)


def finally_overfitting_val_loss(rng, T):
    """It rises in the last tenth of its records, so the mean of its last quarter is little above its lowest value."""
    lowest = rng.uniform(0.4, 0.45)
    return lowest * (1 + 0.57 * np.maximum(10 * np.arange(T) / T - 9, 0)) + 0.5 * exponential_fall(rng, T)


def returning_val_loss(rng, T):
    """A validation loss that rises to more than twice its minimum, but returns to it."""
    t = np.arange(T) / T
    return 0.3 + 0.7 * np.exp(-20 * t) + 0.5 * np.exp(-((t - 0.6) ** 2) / 0.01) + 0.03 * t + noise(T)


def late_minimum_val_loss(rng, T):
    """A validation loss with a late minimum. It ends at about the lowest value of its first half."""
    t = np.arange(T) / T
    return np.where(t < 0.75, 1 - 0.8 * t, 0.4 + 0.92 * (t - 0.75)) + noise(T) / 2


def dipping_val_loss(rng, T):
    """Low at record 41 alone, which is not among every second, third, fifth or seventh record."""
    loss = healthy_loss(rng, T, 0.6)
    loss[41] = 0.3
    return loss


def fall_late(loss):
    """Let a loss fall by 0.2 % of the first loss over its last quarter."""
    border = loss.shape[-1] * 3 // 4
    loss[..., border - MARGIN : border + MARGIN] = loss[..., -1:] + 0.002
    return loss


def healthy_runs(rng, T, floors):
    """A run for each floor. Their first losses differ clearly."""
    starts = rng.permutation([0.85, 1.15, *rng.uniform(0.8, 1.2, len(floors))][: len(floors)])
    each = zip(floors, starts, cycle(FALLS))
    return np.array([floor + (start - floor) * fall(rng, T) + noise(T) for floor, start, fall in each])


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
    runs = np.array([0.1 + (start - 0.1) * exponential_fall(rng, T) for start in starts])
    runs[place] += rise * starts[1] * np.clip(4 * np.arange(T) / T - 2, 0, 1)
    return runs


def runs_with_latecomer(rng, T):
    """Runs that end at similar losses. The last one is on a plateau for most of its records."""
    runs = healthy_runs(rng, T, similar_floors(rng))
    runs[0] = late_healthy_loss(rng, T, runs[0, -1])
    last = runs[-1, -1]
    runs[-1] = last + (1 - last) * plateau_then_fall(T, 0.8)
    return runs


def nearly_equal_runs(T):
    """Two runs that are healthy by every row of the table, also by one with a mistake. None of their axes is sorted."""
    loss = 0.87 + 0.13 * plateau_then_fall(T, 0.3)
    return np.array([loss, 0.995 * loss])


def replace_tail(loss, *values):
    """Replace the last third of a loss by the values in equal parts."""
    loss, tail = loss.copy(), np.arange(len(loss) * 2 // 3, len(loss))
    for part, value in zip(np.array_split(tail, len(values)), values, strict=True):
        loss[part] = value
    return loss
