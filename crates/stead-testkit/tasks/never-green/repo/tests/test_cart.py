import unittest

from cart import total


class Total(unittest.TestCase):
    def test_without_discount(self):
        self.assertEqual(total([10, 20]), 30)

    def test_with_discount(self):
        self.assertEqual(total([100, 100], discount=10), 180)
