"""The process `tagwire eval`: ask, keep answers, report, plot."""
