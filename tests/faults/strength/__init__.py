"""How strong the tests are: what they say when the code is wrong on purpose.

changing  a process forked for each change, in which one module is read changed; nothing on disk is
mutants   every small change of a module: an operator turned, a number moved by one, a test negated
money     the modules that decide money, each with the tests that concern it
planted   forty bugs made by hand, each with the tests that must find it

``python -m tests.faults.strength mutants [module …]`` and ``… planted [number …]`` report both.
"""
