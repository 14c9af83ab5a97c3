import unittest

from shop.cart import receipt
from shop.invoice import invoice


class Shop(unittest.TestCase):
    def test_receipt(self):
        self.assertEqual(receipt([("tea", 250)]), ["tea: 2.50"])

    def test_invoice(self):
        self.assertEqual(invoice(7, 1999), "No 7: 19.99 EUR")
