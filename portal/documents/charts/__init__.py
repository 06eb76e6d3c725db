"""Charts as drawings: amounts become shapes and labels here, and `templates/parts/charts.html` writes them as SVG.

Imports nothing but facts and figures of this floor, so that pages and papers draw the same picture from the same numbers.
When you come with a new kind of chart, add a module that returns a `Chart`; the template stays as it is.
"""
