"""Building blocks of journeys: identify, pay, finish (print and rate), and what to say of failures."""
