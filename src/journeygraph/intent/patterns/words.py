"""A pattern in words."""

from __future__ import annotations

from collections.abc import Sequence

from journeygraph.intent.mining.sequences import Limits

#: Steps in order; or sets of steps that share an instant.
Steps = Sequence[str] | Sequence[Sequence[str]]


def in_words(steps: Steps, limits: Limits | None = None) -> str:
    """The steps in order (or sets of those that share an instant), how near they follow, and within what time.

    >>> in_words(["search", "view", "cart"])
    '`search` then `view` then `cart`'
    >>> in_words(["view", "view", "cart"], Limits(1, max_gap=0, max_span_seconds=3600))
    '`view` twice in a row, directly then `cart`, within 1 h'
    >>> in_words([["email", "view"], ["cart"]])
    '`email` together with `view` then `cart`'
    """
    limits = limits or Limits(1)
    if len(steps) < 2:
        return _quoted(steps[0])
    text = (_DIRECTLY if limits.max_gap == 0 else " then ").join(_runs(steps, limits))
    return text + "".join(_limits(limits))


_DIRECTLY = ", directly then "
_TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}


def arrow(steps: Steps, between: str = " > ") -> str:
    """A pattern on one line.

    >>> arrow(["view", "cart"]), arrow([["email", "view"], ["cart"]])
    ('view > cart', 'email + view > cart')
    """
    return between.join(step if isinstance(step, str) else " + ".join(step) for step in steps)


def _quoted(step: str | Sequence[str]) -> str:
    return f"`{step}`" if isinstance(step, str) else " together with ".join(f"`{one}`" for one in step)


def _runs(steps: Steps, limits: Limits) -> list[str]:
    """Steps, those that repeat counted."""
    found: list[tuple[str | Sequence[str], int]] = []
    for step in steps:
        again = bool(found) and found[-1][0] == step
        found[-1:] = [(step, found[-1][1] + 1)] if again else [*found[-1:], (step, 1)]
    row = " in a row" if limits.max_gap == 0 else ""
    return [
        _quoted(step) if count == 1 else f"{_quoted(step)} {_TIMES.get(count, f'{count} times')}{row}"
        for step, count in found
    ]


def _limits(limits: Limits) -> list[str]:
    between = limits.max_gap or 0
    texts = [f", at most {between} other{'s' if between > 1 else ''} between neighbours"] if between else []
    if limits.max_gap_seconds is not None:
        texts.append(f", at most {_duration(limits.max_gap_seconds)} between neighbours")
    if limits.max_span_seconds is not None:
        texts.append(f", within {_duration(limits.max_span_seconds)}")
    return texts


def _duration(seconds: float) -> str:
    """In the largest unit that divides it.

    >>> _duration(7200), _duration(90)
    ('2 h', '90 s')
    """
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
