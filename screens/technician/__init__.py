"""The screens behind the technician's gesture."""
