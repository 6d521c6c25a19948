"""What is within reach of the ends of a pattern, as bits: so many places on, or as far as a table says.

A limit in touchpoints moves all ends at once.  A limit in time reaches another distance from every place, which `far`
holds: the places that the ends reach are intervals whose ends ascend, so each lane is written once.
"""

from __future__ import annotations

import numpy as np

from journeygraph.intent.mining.kernels.lanes import get, inlined, kernel, lowest, meets, moved, put, spread

#: Places in a lane.
WIDTH = 16


@kernel
def measure(times, offsets, begin, end, gap, most, far):
    """Write how many places behind each are at most `gap` later, and at most `most`, in some sequences."""
    for s in range(begin, end):
        last = offsets[s]
        stop = offsets[s + 1]
        for place in range(offsets[s], stop):
            while last + 1 < stop and get(times, last + 1) - get(times, place) <= gap:
                last += 1
            put(far, place, min(last - place, most))


@inlined
def reach_on(lanes, bits, inner, blocks, ends, reach, limit):
    """What is at most `limit` places behind an end, within its sequence: moved by one, then doubled."""
    before = np.uint64(0)
    for b in range(blocks):
        within = bits[inner + b]
        moved(lanes, ends + b * 64, (within << np.uint64(1)) | before, 1, reach + b * 64)
        before = within >> np.uint64(63)
    covered = 1
    while covered < limit:
        on = min(covered, WIDTH - 1, limit - covered)
        for b in range(blocks - 1, -1, -1):  # backwards: a block reads the lane before it as it was
            before = bits[inner + b - 1] >> np.uint64(63) if b else np.uint64(0)
            spread(lanes, reach + b * 64, (bits[inner + b] << np.uint64(1)) | before, on)
        covered += on


@inlined
def reach_far(lanes, bases, blocks, ends, reach, far):
    """What is at most `far` behind an end; `bases` are the places of the lanes' lowest bits, ascending."""
    for i in range(blocks << 6):
        put(lanes, reach + i, 0)
    high = np.int64(-1)
    for b in range(blocks):
        some = meets(lanes, ends + b * 64, ends + b * 64)
        while some:
            lane = (b << 6) + lowest(some)
            some &= some - np.uint64(1)
            base = np.int64(get(bases, lane))
            left = np.uint64(get(lanes, ends + lane))
            while left:
                place = base + lowest(left)
                left &= left - np.uint64(1)
                stop = place + np.int64(get(far, place))
                if stop > max(place, high):
                    fill(lanes, reach + lane, max(place, high) + 1 - base, stop - base)
                    high = stop


@inlined
def fill(lanes, at, low, top):
    """Set the bits from one place to another, counted from the lowest of a lane."""
    first, last = at + (low >> 4), at + (top >> 4)
    above, below = (0xFFFF << (low & 15)) & 0xFFFF, 0xFFFF >> (15 - (top & 15))
    if first == last:
        put(lanes, first, np.int64(get(lanes, first)) | (above & below))
        return
    put(lanes, first, np.int64(get(lanes, first)) | above)
    for lane in range(first + 1, last):
        put(lanes, lane, 0xFFFF)
    put(lanes, last, np.int64(get(lanes, last)) | below)
