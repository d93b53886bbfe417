"""AWS on your own machine: moto behind an STS that enforces trust policies, and a stand-in console.

Only this package and the tests import moto. Nothing here talks to real AWS.
"""
