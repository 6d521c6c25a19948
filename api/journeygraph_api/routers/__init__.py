"""One router for each kind of question; each only translates between HTTP and one function of the domain."""

from journeygraph_api.routers import (
    attribution,
    blueprints,
    browser,
    customers,
    funnels,
    gaps,
    intent,
    operations,
    paths,
    patterns,
    recommendations,
    reports,
    segments,
    touchpoints,
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
        intent,
        recommendations,
        segments,
        touchpoints,
        reports,
        browser,
        operations,
    )
)
