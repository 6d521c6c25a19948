"""Raw events -> steps, stages and channels, by a mapping's rules; each distinct event is decided once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from journeygraph_loaders.mapping import Section
from journeygraph_loaders.stages import default_stage

_REMEMBERED: Final = 100_000
Decision = tuple[str, str, str | None, str | None]


class Steps:
    """The step rules of one section: (step, stage, channel that wins, channel where a row has none)."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._decided: dict[str, Decision] = {}

    def classify(
        self,
        events: Sequence[str],
        stages: Sequence[str | None],
        channels: Sequence[str | None],
        default_channel: str,
    ) -> tuple[list[str], list[str], list[str]]:
        """Step, stage and channel of every row.

        The channel is the step rule's, else the row's own, else the step's in `channels`, else the default.
        """
        decided = [self._decided.get(event) or self._decide(event) for event in events]
        return (
            [decision[0] for decision in decided],
            [stage or decision[1] for stage, decision in zip(stages, decided, strict=True)],
            [
                decision[2] or channel or decision[3] or default_channel
                for channel, decision in zip(channels, decided, strict=True)
            ],
        )

    def _decide(self, event: str) -> Decision:
        rule = next((rule for rule in self._section.steps if rule.hits(event)), None)
        step = rule.step if rule else event
        stage = (rule.stage if rule else None) or self._section.stages.get(step)
        rule_channel = rule.channel.lower() if rule and rule.channel else None
        fallback = self._section.channels.get(step)
        decision = (
            step,
            stage.value if stage else default_stage(step),
            rule_channel,
            fallback.lower() if fallback else None,
        )
        if len(self._decided) < _REMEMBERED:
            self._decided[event] = decision
        return decision
