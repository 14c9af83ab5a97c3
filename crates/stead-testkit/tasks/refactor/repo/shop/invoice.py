from shop.price import fmt


def invoice(number, cents):
    return f"No {number}: {fmt(cents)} EUR"
