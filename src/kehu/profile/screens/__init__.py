"""Screens of others: a customer's card inside another system's page, and customers that come up when a phone rings."""
