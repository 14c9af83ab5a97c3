def total(prices, discount=0):
    """The sum of prices, less a discount in percent."""
    whole = sum(prices)
    return whole - discount
