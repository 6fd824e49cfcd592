"""PDF from HTML, made in a process of its own."""
