"""Does a spiking recurrent network learn anything from a history of events, and how sure are we?"""

__version__ = "0.1.0"
