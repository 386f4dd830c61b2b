"""Chip cards with contacts or a radio, over PC/SC."""
