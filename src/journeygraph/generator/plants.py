"""What is planted: each gap, loop and intent as a rule that the walk applies and the truth describes.

The rules change as little as they can, so that none of them makes a gap of another kind, or elsewhere.  A drop-off
changes only the exit after a contact; a silence the wait, and after a long one the readiness to move on; a loop which
step comes next, and the readiness; an intent the readiness.  An incident is a drop-off for a time, and a blind spot
changes only what is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeygraph.generator.calendar import DAY_SECONDS, Calendar
from journeygraph.generator.shop import CODE


@dataclass(frozen=True)
class DropOff:
    """After `step` (coming from `after`, where given) the customer leaves with probability `exit_rate`.

    `otherwise` is the exit rate after the same step coming from elsewhere; it is a little below the usual one, so
    that the step as a whole loses no more than others and the transition alone is the gap.
    """

    step: str
    exit_rate: float
    after: str | None = None
    otherwise: float | None = None


@dataclass(frozen=True)
class Silence:
    """From `step` to `following` the wait is long in `share_long` of the cases, and readiness falls to `readiness`."""

    step: str
    following: str
    short_seconds: tuple[int, int]
    long_days: tuple[int, int]
    share_long: float = 0.5
    readiness: float = 0.1


@dataclass(frozen=True)
class Loop:
    """Who went along `way` (2 or 3 steps) returns to its first step with probability `return_rate`.

    `lure` is the probability of the last step of a 3-step way after its first two.  Who returned does not
    go the same way at once, and is less ready to move on.
    """

    way: tuple[str, ...]
    return_rate: float
    lure: float = 0.0
    readiness: float = 0.75


@dataclass(frozen=True)
class Intent:
    """Who made the contacts of `pattern` in this order (others between) moves on `readiness` times as readily."""

    pattern: tuple[str, ...]
    readiness: float = 2.2


@dataclass(frozen=True)
class DeadEnd:
    """From `step` customers repeat it or leave; no path leads from it to a purchase."""

    step: str
    exit_rate: float = 0.7


@dataclass(frozen=True)
class SingleCut:
    """From `step` every way to a purchase leads through `through`, and `through` is reached from `step` only."""

    step: str
    through: str


@dataclass(frozen=True)
class Span:
    """A span of time: where it begins and how long it lasts, as shares of the whole time."""

    begin: float
    lasts: float

    def seconds(self, calendar: Calendar) -> tuple[int, int]:
        """Its first second and the one after its last (UTC): nine in the morning of its days."""
        first, length = round(self.begin * calendar.days), max(1, round(self.lasts * calendar.days))
        start = calendar.midnight + first * DAY_SECONDS + 9 * 3_600
        return start, start + length * DAY_SECONDS


@dataclass(frozen=True)
class Incident:
    """Within the span the customer leaves after `step` with probability `exit_rate`; where given, on one platform.

    `otherwise` is the exit rate before and after it; a little below the usual one, so that the step as a whole loses no
    more than others.
    """

    step: str
    exit_rate: float
    otherwise: float
    span: Span
    platform: str | None = None


@dataclass(frozen=True)
class GroupDropOff:
    """In the app of one platform the customer leaves after `step` with `exit_rate`, elsewhere with `otherwise`."""

    step: str
    exit_rate: float
    otherwise: float
    platform: str


@dataclass(frozen=True)
class Outage:
    """Within the span the source of a channel records nothing; its contacts happen, and are lost."""

    channel: str
    span: Span


@dataclass(frozen=True)
class Emptied:
    """Within the span a channel's source leaves a property empty."""

    channel: str
    name: str
    span: Span


DROP_OFFS: Final = (
    DropOff("payment_declined", exit_rate=0.6),
    DropOff("view_product", exit_rate=0.55, after="price_alert_click", otherwise=0.06),
)
SILENCES: Final = (
    Silence("open_ticket", "agent_reply", short_seconds=(900, 10_800), long_days=(4, 11)),
    Silence("email_click", "visit_home", short_seconds=(4, 240), long_days=(3, 9)),
)
LOOPS: Final = (
    Loop(("cart", "choose_delivery"), return_rate=0.75),
    Loop(("search", "view_category", "compare_products"), return_rate=0.9, lure=0.7),
)
INTENTS: Final = (
    Intent(("read_reviews", "compare_products")),
    Intent(("wishlist_add", "view_product")),
    Intent(("store_visit", "search")),
)
DEAD_END: Final = DeadEnd("legacy_form")
SINGLE_CUT: Final = SingleCut("financing_form", "credit_check")
INCIDENTS: Final = (
    Incident("checkout", exit_rate=0.65, otherwise=0.13, span=Span(0.35, 0.06)),
    Incident("search", exit_rate=0.6, otherwise=0.05, span=Span(0.5, 0.08), platform="ios"),
)
GROUP_DROP_OFF: Final = GroupDropOff("payment", exit_rate=0.5, otherwise=0.1, platform="android")
OUTAGE: Final = Outage("social", Span(0.45, 0.025))
EMPTIED: Final = Emptied("service", "topic", Span(0.4, 0.07))
#: After a contact about a product the next one is about its partner with this probability.
AFFINITY: Final = 0.35


def codes(steps: tuple[str, ...]) -> tuple[int, ...]:
    """Codes of these steps in `shop.STEPS`."""
    return tuple(CODE[step] for step in steps)
