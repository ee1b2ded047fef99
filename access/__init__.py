"""Who may call: named API keys, local users, bearer tokens of people, their scopes, and which scope each route needs.

Ground for both doors: it imports nothing of ours but the errors, and knows neither HTTP nor a framework.
"""
