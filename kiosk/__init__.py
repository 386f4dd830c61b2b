"""What the terminal does and remembers: visits, journeys, payments, journal, departments."""
