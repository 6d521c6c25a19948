"""What every engine is asked: names that the questions share.

Each engine has a function for each task that it can do.  They return plain lists, so that results can be compared:

- `counts`: how often each step follows each: [source, target, count], with `(start)` and `(end)`;
- `transitions`: the same between touchpoints, with distinct journeys and customers, median and 90th percentile of the
  seconds;
- `step_matrix`: [position, step, journeys] for the first ten positions, ended journeys in `(end)`;
- `funnel`: journeys that came to each of three steps, in order, within 14 days of the first;
- `variants`: number of distinct step sequences, and how many journeys follow each of the ten commonest.
"""

from __future__ import annotations

POSITIONS = 10
TOP = 10
FUNNEL = ("step_03", "step_05", "step_07")
WINDOW_US = 14 * 86_400 * 1_000_000
START, END = "(start)", "(end)"
