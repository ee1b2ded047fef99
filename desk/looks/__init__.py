"""How the desk looks: one palette for light and dark, one style sheet, one script; put into the page once."""
