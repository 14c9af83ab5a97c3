from shop.price import fmt


def receipt(items):
    return [f"{name}: {fmt(cents)}" for name, cents in items]
