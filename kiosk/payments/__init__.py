"""Money: the states of a payment, the desk that brings each to its end, the orders themselves."""
