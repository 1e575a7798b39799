"""Every object of a result by name, before any is made: kind by kind."""

from node.case.objects.planned import SERIES_NUMBERS, Plan, Planned

__all__ = ["SERIES_NUMBERS", "Plan", "Planned", "plan_objects"]
