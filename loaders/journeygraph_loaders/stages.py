"""The stage of a step that no mapping names: by the words in it, so that every step belongs to one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from journeygraph.schema import Stage

#: First hit wins; a step that none of them knows counts as consideration.
_WORDS: Final = (
    (
        Stage.POST_PURCHASE,
        r"return|refund|support|ticket|complain|review|follow.?up|deliver(y|ed)$|warranty|unsubscribe",
    ),
    (Stage.PURCHASE, r"purchase|order|bought|buy|paid|payment_done|transaction|subscribe|redeem|redemption"),
    (
        Stage.AWARENESS,
        r"^ad\b|^ad_|impression|mailing|newsletter|campaign|e?mail_|banner|social|landing|^visit$|^main$|home",
    ),
)
_RULES: Final = tuple((stage, re.compile(words, re.IGNORECASE)) for stage, words in _WORDS)


@lru_cache(maxsize=4096)
def default_stage(step: str) -> str:
    """Stage of a step by the words in its name.

    >>> default_stage("purchase"), default_stage("open_ticket"), default_stage("ad_click"), default_stage("view")
    ('purchase', 'post-purchase', 'awareness', 'consideration')
    """
    for stage, words in _RULES:
        if words.search(step):
            return stage.value
    return Stage.CONSIDERATION.value
