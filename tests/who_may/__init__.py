"""Who may call which address: every route × everybody who could come × whose object it is.

ways      what the application answers to, each with what its guard asks for
doors     one request at an application, without a browser or a network
book      a filled book with markers in what is one client's alone, and ids of every kind
askers    everybody who could come, and what a route's guard must say to them
campaign  all of it asked, all answers compared; the short form takes a part of it by a seed
"""
