"""Alerts: rules over any measure, told to people by the routes they chose, until somebody says it is seen to."""
