"""The WeCom gateway: customer contact and customer service calls as the official pages describe them."""
