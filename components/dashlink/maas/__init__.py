"""Model services of Huawei ModelArts MaaS: settings, rules, parameters, outputs."""
