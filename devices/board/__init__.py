"""Relay boards: indicator lights, the service door, and the lock board of the invoice compartments."""
