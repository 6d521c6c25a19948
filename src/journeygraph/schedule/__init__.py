"""Reports at their times: written, compared with the one before, and delivered."""

from journeygraph.schedule.cron import Cron
from journeygraph.schedule.delivery import Delivery, Destination, destination
from journeygraph.schedule.run import Run, Schedule, run_if_due, serve

__all__ = ["Cron", "Delivery", "Destination", "Run", "Schedule", "destination", "run_if_due", "serve"]
