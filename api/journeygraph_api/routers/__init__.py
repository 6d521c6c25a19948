"""One router for each kind of question; each only translates between HTTP and one function of the domain."""

from journeygraph_api.routers import (
    anomalies,
    attribution,
    blueprints,
    browser,
    customers,
    funnels,
    gaps,
    identity,
    intent,
    next_steps,
    operations,
    paths,
    patterns,
    privacy,
    quarantine,
    recommendations,
    reports,
    segments,
    set_aside,
    sources,
    touchpoints,
    webhooks,
)

ROUTERS = tuple(
    module.router
    for module in (
        paths,
        funnels,
        gaps,
        blueprints,
        attribution,
        patterns,
        customers,
        identity,
        intent,
        next_steps,
        recommendations,
        privacy,
        segments,
        set_aside,
        anomalies,
        quarantine,
        sources,
        touchpoints,
        webhooks,
        reports,
        browser,
        operations,
    )
)
