"""What is printed on slips: templates from results to printer-independent blocks."""
