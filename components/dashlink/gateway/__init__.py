"""The AI gateway: what Model APIs are, as they are written, checked, decided, declared, made and explained.

    settings, policies   what people write            catalog      what is known of the product, each fact with its source
    reading, part        settings in, one value out    patterns     wildcards of model names
    rules, api_rules     what would be dead is refused plan         which service answers: for `route` and for the rules
    translate            our words into the API's      outputs      what `up` promises, for clients
    component            declares it all               drawing      the stack as a picture
    resources            what a program declares       inputs       what those are made of
    crud, callers_crud, addresses, making              what the provider does in the cloud for each of them
    apig_api             the official SDK              *_payloads   inputs as the API's JSON, and back
"""
