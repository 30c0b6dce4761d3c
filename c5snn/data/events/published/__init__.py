"""Histories as lotteries, shops and researchers publish them, read by a mapping that is proposed or said.

Nothing is guessed: what a file leaves open is asked for, by the option that says it.
"""
