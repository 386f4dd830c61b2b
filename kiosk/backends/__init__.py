"""One typed client a department, all through one HTTP door."""
