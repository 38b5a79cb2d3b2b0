"""A cell by sliders: what a change does to EPSPs, the f-I curve and the map of a parameter.

`settings` are the sliders' values and the cell that they make; `responses` what is run on it, by
the experiments' own protocols; `code` the Python lines of all that. The rest shows it:
`simulators` are processes, `page` and `figures` what a browser shows, `server` the local port.
"""
