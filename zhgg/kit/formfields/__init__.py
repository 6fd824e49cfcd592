"""Form fields for what people fill in here. Each cleans to a plain value or says in a sentence what is wrong.

Attributes that templates read on every field: `suffix` (万元), `span` ("two" or "full" columns), `show_optional`
(选填), `mask` (how a grey value is masked), `read_only` (grey; set by `kit.forms`). With `draft = True`, set by a form
that saves unfinished work, a field does not insist on minimum lengths and counts.
"""
