"""One router for each kind of question; each only translates between HTTP and one function of the domain."""

from journeygraph_api.routers import operations

ROUTERS = (operations.router,)
