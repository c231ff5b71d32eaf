extension OrderStatus: ChoiceValue {}
