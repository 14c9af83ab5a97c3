import unittest

from src.utils import shout


class Shout(unittest.TestCase):
    def test_it_is_loud(self):
        self.assertEqual(shout("hello"), "HELLO!")
