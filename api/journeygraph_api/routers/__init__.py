"""One router for each kind of question; each only translates between HTTP and one function of the domain."""

from journeygraph_api.routers import customers, gaps, intent, operations, paths, reports

ROUTERS = (paths.router, gaps.router, customers.router, intent.router, reports.router, operations.router)
