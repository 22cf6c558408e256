"""Pages set for paper: Typst templates, filled with data, never with markup, and the fonts that come with Kehu."""
