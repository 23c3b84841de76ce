"""The AI gateway: what Model APIs are, as they are written, checked, decided, declared, made and explained.

    settings, policies    what people write
    catalog, patterns     what is known of the product, each fact with its source; wildcards of model names
    reading, part         settings in, one value out
    rules, api_rules      what would be dead at run time is refused
    plan                  which service answers: for `dashlink route`, and for the rules
    component             declares it all, by
    translate             our words into the API's, and
    resources             what the alicloud provider lacks, made of the models in `inputs`
    crud, callers_crud,   what our provider does in the cloud for each of them, by
    addresses, making
    apig_api, *_payloads  the official SDK, and inputs as the API's JSON and back
    outputs, drawing      what `up` promises, for clients; the stack as a picture

Words are those of the product where it has one, and one concept has one word.
"""
