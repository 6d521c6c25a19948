"""The vocabulary: touchpoints, channels, stages, outcomes, and the rules that make journeys of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

START: Final = "(start)"
END: Final = "(end)"
OTHER: Final = "(other)"
#: Names that close or sum up paths; a step that really happened cannot have one.
RESERVED_STEPS: Final = frozenset({START, END, OTHER})

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=512)]


def _not_reserved(step: str) -> str:
    if step in RESERVED_STEPS:
        raise PydanticCustomError("reserved_step", "is a name that pictures of paths use: call the step otherwise")
    return step


#: A name that tells who, what or where: on one line, without characters that nobody sees.
PlainName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=512, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
]
StepName = Annotated[PlainName, AfterValidator(_not_reserved)]


#: The largest value of a touchpoint, up or down: sums of very many still are exact enough, and squares finite.
LARGEST_VALUE: Final = 1e12
Value = Annotated[float, Field(ge=-LARGEST_VALUE, le=LARGEST_VALUE, allow_inf_nan=False)]


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


#: Whose journeys can be looked at: the customer's own, or those of what touchpoints belong to beside their customer.
Grain = Literal["customer", "household", "account", "order"]
#: What touchpoints belong to, each to any number; their fields, as sources name them, end in `_id`.
BELONGS_TO: Final = tuple(grain for grain in get_args(Grain) if grain != "customer")
BELONGS_TO_FIELDS: Final = tuple(f"{grain}_id" for grain in BELONGS_TO)
#: One id or several.
Ids = Annotated[tuple[PlainName, ...], BeforeValidator(_listed)]

#: Label that a touchpoint of a channel has beside `Touchpoint`; a channel that the user adds has none.
CHANNEL_LABELS: Final = {
    "web": "WebVisit",
    "app": "AppInteraction",
    "store": "StoreVisit",
    "email": "EmailInteraction",
    "ad": "AdInteraction",
    "social": "SocialInteraction",
    "service": "ServiceContact",
}
CHANNELS: Final = tuple(CHANNEL_LABELS)


class Stage(StrEnum):
    """How far along a customer is at a step."""

    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    PURCHASE = "purchase"
    POST_PURCHASE = "post-purchase"


class Outcome(StrEnum):
    """How a journey ended; an open one is censored, never a drop-off."""

    CONVERTED = "converted"
    LOST = "lost"
    OPEN = "open"


class Touchpoint(BaseModel):
    """One contact of one customer at one instant, through one channel; the table that every source becomes.

    `occurred_at` is aware and in UTC, to the microsecond.  At least one of `customer_id` and `anonymous_id` is set.
    `touchpoint_id` is the source's own, or the hash of the row's content.  A touchpoint can belong to any number of
    households, accounts and orders.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    touchpoint_id: PlainName
    step: StepName
    channel: PlainName
    occurred_at: AwareDatetime
    source: PlainName
    customer_id: PlainName | None = None
    anonymous_id: PlainName | None = None
    session_id: PlainName | None = None
    stage: Stage | None = None
    product_id: Name | None = None
    product_category: Name | None = None
    product_name: Name | None = None
    campaign: Name | None = None
    value: Value | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    email: Name | None = None
    phone: Name | None = None
    household_id: Ids = ()
    account_id: Ids = ()
    order_id: Ids = ()
    properties: dict[str, str | int | float | bool] = Field(default_factory=dict)


class JourneyRules(BaseModel):
    """What makes sessions and journeys of touchpoints; stored in the graph on `(:Configuration)`.

    A session ends where the idle time is more than `session_idle_seconds`; a journey ends after a step in
    `goals`, or where the idle time exceeds `journey_window_seconds`.
    """

    model_config = ConfigDict(frozen=True)

    goals: tuple[str, ...] = ("purchase",)
    session_idle_seconds: float = Field(1_800.0, gt=0)
    journey_window_seconds: float = Field(30 * 86_400.0, gt=0)

    @property
    def session_idle_us(self) -> int:
        """The longest idle time inside a session, in microseconds."""
        return round(self.session_idle_seconds * 1_000_000)

    @property
    def journey_window_us(self) -> int:
        """The longest idle time inside a journey, in microseconds."""
        return round(self.journey_window_seconds * 1_000_000)


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC, exactly.

    >>> to_microseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    return (instant - EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The instant in UTC.

    >>> from_microseconds(86_400_000_000).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return EPOCH + timedelta(microseconds=microseconds)
