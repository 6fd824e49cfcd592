"""Excel workbooks (.xlsx): `write` makes them, `read` takes them apart, `guard` keeps harmful ones out."""
