"""ID card readers."""
