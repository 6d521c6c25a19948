"""FastAPI: thin routers over the domain."""
