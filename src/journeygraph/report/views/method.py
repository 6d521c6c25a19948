"""What the report's words mean, beside the figures."""

from __future__ import annotations

from typing import Final

TERMS: Final = (
    (
        "Journey",
        "The touchpoints of one customer across all sessions and channels, split after a conversion and where nothing "
        "follows for longer than the journey window.",
    ),
    (
        "Lost, open",
        "A journey is lost when its window has passed without a goal. It is open, and counted as neither lost nor "
        "converted, while its window was still running at the end of the data.",
    ),
    (
        "of, denominator",
        "“412 of 1,930 journeys” names both numbers: how many are affected, and of how many that could have been.",
    ),
    (
        "Expected",
        "What would have happened had this place been like comparable ones: for a drop-off, journeys at the same stage "
        "and depth; for a long wait, the same transition with short waits; for a loop, a random order of the same "
        "steps.",
    ),
    (
        "Effect, interval",
        "The difference between what happened and what was expected, in percentage points (pp), with the range that "
        "would contain the true difference in 95 of 100 such reports.",
    ),
    (
        "q-value",
        "All tests of a report are corrected together (Benjamini and Hochberg): of the findings with q at most 0.05, "
        "at most one in twenty is expected to be chance.",
    ),
    (
        "Lost conversions",
        "An estimate of how many more journeys would have converted had the gap not been there, with its interval. It "
        "assumes that the journeys affected would otherwise have been like those they are compared with, and gaps "
        "overlap: the estimates must not be added up.",
    ),
    (
        "Credit",
        "A model’s share of the conversions for a channel. Models share out what happened and prove no cause: only an "
        "experiment tells whether a channel brings customers who would not have come anyway.",
    ),
    (
        "Support, lift",
        "Support is the number of journeys that contain the pattern in order, other steps between allowed. Lift is how "
        "much more often they convert than journeys do on average.",
    ),
    (
        "(start), (end), (other)",
        "Every path begins at (start) and closes at (end). Rarer steps are gathered in (other), so nothing is left out "
        "of a sum.",
    ),
)
