"""Building blocks of screens: text that is never cut, boxes, buttons, pictures, lists."""
