"""帮助与操作图解: what each role does on the site, step by step. Plain data, drawn by projects.views.guide.

The pictures are taken from the running site by `./dev guide` (tests/browser/guide.py) and are in no repository; a page
without them is its text.
"""
