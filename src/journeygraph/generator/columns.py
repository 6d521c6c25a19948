"""The contacts as touchpoint columns, as every source would have recorded them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import shop
from journeygraph.generator.calendar import Calendar, Integers
from journeygraph.generator.people import People, session_index
from journeygraph.generator.plants import EMPTIED, OUTAGE
from journeygraph.generator.walk import Contacts
from journeygraph.schema import CHANNELS, Stage, Touchpoint

Objects = NDArray[np.object_]

#: The system that records each channel; it names the source and the file.
SOURCES = {
    "web": "web_shop",
    "app": "app",
    "store": "tills",
    "email": "newsletter",
    "ad": "ads",
    "social": "social_media",
    "service": "helpdesk",
}
_DEVICES = ("desktop", "mobile", "tablet")
_SALT = np.int64(7_919)  # spreads what hangs on a person, without another draw


@dataclass(frozen=True)
class TouchpointColumns:
    """N touchpoints as columns, sorted by person and instant; iterating gives `Touchpoint` values.

    A cell is None where the source says nothing.  `seconds` are whole seconds since 1970, UTC; no two touchpoints of
    a person share one.
    """

    touchpoint_id: Objects
    step: Objects
    stage: Objects
    channel: Objects
    seconds: Integers
    source: Objects
    customer_id: Objects
    anonymous_id: Objects
    session_id: Objects
    product_id: Objects
    product_category: Objects
    product_name: Objects
    campaign: Objects
    value: Objects
    currency: Objects
    email: Objects
    phone: Objects
    property_name: Objects
    property_value: Objects

    def __len__(self) -> int:
        return len(self.seconds)

    def __iter__(self) -> Iterator[Touchpoint]:
        stages = {stage.value: stage for stage in Stage}
        names = [name for name in self.__dataclass_fields__ if name not in _HANDLED]
        rows = zip(*(getattr(self, name).tolist() for name in names), strict=True)
        handled = zip(*(getattr(self, name).tolist() for name in _HANDLED), strict=True)
        for row, (stage, seconds, name, value) in zip(rows, handled, strict=True):
            yield Touchpoint(
                **dict(zip(names, row, strict=True)),
                stage=stages[stage],
                occurred_at=datetime.fromtimestamp(seconds, UTC),
                properties={name: value} if value is not None else {},
            )


_HANDLED = ("stage", "seconds", "property_name", "property_value")


def record(
    contacts: Contacts, people: People, calendar: Calendar, rng: np.random.Generator, *, planted: bool
) -> TouchpointColumns:
    """The rows that the sources wrote about these contacts."""
    channel = np.array(CHANNELS, dtype=object)[contacts.channel]
    step = np.array([step.name for step in shop.STEPS], dtype=object)[contacts.step]
    customer = people.customer_ids()[contacts.person]
    products = _products(contacts.product)
    goal = step == shop.GOAL
    name, value = _properties(contacts, people, channel)
    if planted:
        value[emptied(contacts, calendar)] = None
    return TouchpointColumns(
        touchpoint_id=_ids(contacts, people.seed),
        step=step,
        stage=np.array([stage.value for stage in shop.STAGES], dtype=object)[shop.STAGE_OF[contacts.step]],
        channel=channel,
        seconds=contacts.seconds,
        source=np.array([SOURCES[name] for name in CHANNELS], dtype=object)[contacts.channel],
        customer_id=_where(people.named, customer),
        anonymous_id=_where(people.devices >= 0, people.device_ids[people.devices]),
        session_id=_session_ids(contacts, channel, people.seed),
        product_id=products[0],
        product_category=products[1],
        product_name=products[2],
        campaign=_campaigns(contacts, channel, calendar, rng),
        value=_where(goal, _values(contacts, rng)),
        currency=_where(goal, np.full(len(step), shop.CURRENCY, dtype=object)),
        email=_where((channel == "email") & people.named, _contact_data("{}@example.org", customer)),
        phone=_where((channel == "service") & people.named, _contact_data("+49 30 {}", customer)),
        property_name=name,
        property_value=value,
    )


def recorded(contacts: Contacts, calendar: Calendar) -> Contacts:
    """The contacts that the sources recorded: all but those of the planted outage."""
    first, end = OUTAGE.span.seconds(calendar)
    silent = contacts.channel == CHANNELS.index(OUTAGE.channel)
    kept = ~(silent & (contacts.seconds >= first) & (contacts.seconds < end))
    return Contacts(**{field.name: getattr(contacts, field.name)[kept] for field in fields(Contacts)})


def emptied(contacts: Contacts, calendar: Calendar) -> NDArray[np.bool_]:
    """The contacts whose property was left empty by the planted blind spot."""
    first, end = EMPTIED.span.seconds(calendar)
    there = contacts.channel == CHANNELS.index(EMPTIED.channel)
    return np.asarray(there & (contacts.seconds >= first) & (contacts.seconds < end))


def _where(mask: NDArray[np.bool_], values: Objects) -> Objects:
    result = np.full(len(mask), None, dtype=object)
    result[mask] = values[mask]
    return result


def _ids(contacts: Contacts, seed: int) -> Objects:
    """Ids in each source's own order of time, e.g. ``web-1-00000017`` of the shop with seed 1."""
    order = np.lexsort((contacts.person, contacts.seconds, contacts.channel))
    firsts = np.searchsorted(contacts.channel[order], np.arange(len(CHANNELS)))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - firsts[contacts.channel[order]]
    pairs = zip(contacts.channel.tolist(), rank.tolist(), strict=True)
    return np.array([f"{CHANNELS[channel]}-{seed}-{number:08d}" for channel, number in pairs], dtype=object)


def _session_ids(contacts: Contacts, channel: Objects, seed: int) -> Objects:
    """The web shop's own session ids; the other sources have none."""
    session = session_index(contacts)
    count = int(session[-1]) + 1 if len(session) else 0
    labels = np.array([f"s{seed}-{number:08d}" for number in range(count)], dtype=object)
    return _where(channel == "web", labels[session]) if len(session) else channel


def _products(codes: Integers) -> tuple[Objects, Objects, Objects]:
    every = range(shop.N_PRODUCTS)
    columns = (
        [shop.product_id(code) for code in every],
        [shop.CATEGORIES[code // shop.PRODUCTS_PER_CATEGORY] for code in every],
        [shop.product_name(code) for code in every],
    )
    ids, categories, names = (np.array([*column, None], dtype=object)[codes] for column in columns)
    return ids, categories, names


def _campaigns(contacts: Contacts, channel: Objects, calendar: Calendar, rng: np.random.Generator) -> Objects:
    """Campaign of an advertisement or mailing: mostly the one that runs then."""
    count = len(shop.CAMPAIGNS)
    running = np.clip(calendar.day_of(contacts.seconds) * count // calendar.days, 0, count - 1)
    other = rng.integers(count, size=len(running))
    chosen = np.where(rng.random(len(running)) < 0.75, running, other)
    early = np.isin(shop.STAGE_OF[contacts.step], (shop.AWARENESS, shop.CONSIDERATION))
    return _where(np.isin(channel, ("ad", "email")) & early, np.array(shop.CAMPAIGNS, dtype=object)[chosen])


def _values(contacts: Contacts, rng: np.random.Generator) -> Objects:
    """Value of a purchase: one to three pieces of its product."""
    pieces = 1 + (rng.random(len(contacts.person)) < 0.2) + (rng.random(len(contacts.person)) < 0.08)
    return np.round(shop.prices()[contacts.product] * pieces, 2).astype(object)


def _contact_data(template: str, customers: Objects) -> Objects:
    texts = {customer: template.format(customer[1:]) for customer in set(customers.tolist()) if customer}
    return np.array([texts.get(customer) for customer in customers.tolist()], dtype=object)


def _properties(contacts: Contacts, people: People, channel: Objects) -> tuple[Objects, Objects]:
    """One property of a row: the device, platform, store or topic; it decides nothing."""
    spread = contacts.person * _SALT
    choices = {
        "web": ("device", np.array(_DEVICES, dtype=object)[spread % len(_DEVICES)]),
        "app": ("platform", np.array(("android", "ios"), dtype=object)[people.ios[contacts.person].astype(int)]),
        "store": ("store", np.array(shop.STORES, dtype=object)[spread % len(shop.STORES)]),
        "service": ("topic", np.array(shop.TOPICS, dtype=object)[contacts.seconds % len(shop.TOPICS)]),
    }
    names = np.full(len(channel), None, dtype=object)
    values = np.full(len(channel), None, dtype=object)
    for name, (label, options) in choices.items():
        mask = channel == name
        names[mask], values[mask] = label, options[mask]
    return names, values
