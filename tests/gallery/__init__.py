"""Pictures of every screen in every variant."""
