"""Who made each contact, as each source knows them: cookies, installs, logins, shared devices, unknown visitors.

Every device of a known person is seen at least once together with the customer id, so that all their contacts can
be joined.  A person who never identifies carries one visitor id everywhere.  A shared device belongs to such a
visitor, and to two known people who always log in on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator.calendar import Integers
from journeygraph.generator.shop import CODE, GOAL
from journeygraph.generator.walk import Contacts
from journeygraph.schema import CHANNELS

_UNKNOWN = 0.12
_SECOND_BROWSER = 0.25
_LOGS_IN = 0.35
_SHARED = 0.01
_IOS = 0.45
WEB, APP, AD = (CHANNELS.index(channel) for channel in ("web", "app", "ad"))


@dataclass(frozen=True)
class People:
    """Identities: `devices` and `named` are one element a contact, the rest one element a person or device.

    `devices` indexes `device_ids`, -1 where the source has no device; `named` is true where the row has a customer id.
    """

    known: NDArray[np.bool_]
    device_ids: NDArray[np.object_]
    devices: Integers
    named: NDArray[np.bool_]
    shared: list[tuple[int, int, int]]  # device, and the two known people who share it with its visitor
    ios: NDArray[np.bool_]  # the app platform of each person
    seed: int  # part of every id, so that two shops have nobody in common

    def customer_ids(self) -> NDArray[np.object_]:
        """Ids of all people, None for the unknown."""
        ids = [customer_id(person, self.seed) if known else None for person, known in enumerate(self.known.tolist())]
        return np.array(ids, dtype=object)


def customer_id(person: int, seed: int) -> str:
    """Id of a known person of the shop with this seed, e.g. ``C1-000017``."""
    return f"C{seed}-{person:06d}"


def platforms(customers: int, seed: int) -> NDArray[np.bool_]:
    """Whether each person's app is the one for ios: known before they walk, hence from a stream of its own."""
    return np.random.default_rng((seed, 1)).random(customers) < _IOS


def identify(contacts: Contacts, ios: NDArray[np.bool_], rng: np.random.Generator, seed: int) -> People:
    """Give every contact the identity that its source would have seen."""
    customers = len(ios)
    known = rng.random(customers) >= _UNKNOWN
    browsers = np.where(rng.random(customers) < _SECOND_BROWSER, 2, 1)
    session = session_index(contacts)
    per_session = rng.random((2, int(session[-1]) + 1 if len(session) else 0))
    device = _devices(contacts, known, browsers, per_session[0][session])
    shared, owners = _share(device, contacts, known, rng)
    logged_in = per_session[1][session] < _LOGS_IN
    online = np.isin(contacts.channel, (WEB, APP))
    named = ~online & (contacts.channel != AD) | online & (logged_in | (contacts.step == CODE[GOAL]))
    named |= np.isin(device, [index for index, *_ in shared]) & owners
    named &= known[contacts.person]
    named |= _link(device, named, known[contacts.person])
    return People(known, _device_ids(customers, rng), device, named, shared, ios, seed)


def session_index(contacts: Contacts) -> Integers:
    """Number of each contact's session among the sessions of all people."""
    changes = np.diff(contacts.person, prepend=-1) != 0
    changes |= np.diff(contacts.session, prepend=-1) != 0
    return np.cumsum(changes) - 1


def _devices(
    contacts: Contacts, known: NDArray[np.bool_], browsers: Integers, uniform: NDArray[np.float64]
) -> Integers:
    """Device of each contact: 3 a person, two browsers and one install; the visitor's own where unknown."""
    base = contacts.person * 3
    browser = np.where((browsers[contacts.person] == 2) & (uniform < 0.3), 1, 0)
    device = np.select(
        [contacts.channel == WEB, contacts.channel == APP, contacts.channel == AD],
        [base + browser, base + 2, base],
        default=-1,
    )
    return np.where(known[contacts.person], device, base)


def _share(
    device: Integers, contacts: Contacts, known: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[list[tuple[int, int, int]], NDArray[np.bool_]]:
    """Let pairs of known people use an unknown visitor's device instead of their first browser (in place)."""
    used = np.zeros(len(known) * 3, dtype=bool)
    used[device[device >= 0]] = True
    visitors, members = np.flatnonzero(~known & used[::3]), np.flatnonzero(known & used[::3])
    count = min(len(visitors), len(members) // 2, round(_SHARED * len(known)))
    visitors = rng.permutation(visitors)[:count]
    pairs = rng.permutation(members)[: 2 * count].reshape(count, 2)
    replaced = np.arange(len(known) * 3)
    for column in range(2):
        replaced[pairs[:, column] * 3] = visitors * 3
    device[:] = np.where(device >= 0, replaced[device], -1)
    shared = [(int(v) * 3, int(a), int(b)) for v, (a, b) in zip(visitors, pairs, strict=True)]
    return shared, known[contacts.person]


def _link(device: Integers, named: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The last contact on each device of a known person that was never seen with the customer id."""
    on_device = np.flatnonzero((device >= 0) & known)
    seen = np.zeros(int(device.max(initial=0)) + 1, dtype=bool)
    seen[device[on_device][named[on_device]]] = True
    last = np.full(len(seen), -1, dtype=np.int64)
    last[device[on_device]] = on_device  # later contacts overwrite earlier ones
    link = np.zeros(len(device), dtype=bool)
    link[last[(last >= 0) & ~seen]] = True
    return link


def _device_ids(customers: int, rng: np.random.Generator) -> NDArray[np.object_]:
    numbers = rng.integers(1 << 62, size=customers * 3).tolist()
    prefixes = ("b", "b", "i") * customers
    return np.array([f"{prefix}-{number:016x}" for prefix, number in zip(prefixes, numbers, strict=True)], dtype=object)
