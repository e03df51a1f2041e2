"""Faults on a running stack, by a seed; what came of every document, and a checker of that history.

python -m chaos --seed 7        run, judge and print (from the folder ``tests``)
python -m chaos.check FILE      judge the history of an earlier run again
"""
