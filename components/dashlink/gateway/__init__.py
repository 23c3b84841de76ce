"""The AI gateway: settings, rules, decisions and components of Model APIs.

    catalog         facts about the product, each with its source
    ai_gateway      each of these four: settings, rules, and the translation to resource inputs
    ai_service
    domain
    consumer
    model_api/      the same for a Model API, with its routing decisions and outputs
    config          all sections as one value
    reading         raw sections of a file -> config
    rules           rules between the sections, for files and programs
    component       `AiGateway` and `ModelGateway`
    translation     the regular step from settings to resource inputs

All modules but `component` import neither Pulumi nor an SDK.
"""
