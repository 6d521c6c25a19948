// The rules by which touchpoints of the graph are set aside
// Answers: a row, or none where no rule was declared; near_us is null where near-duplicates are not looked for.
// Parameters:
MATCH (rules:Configuration {name: 'set aside'})
RETURN rules.near_us AS near_us, rules.prefer AS prefer, rules.sources AS sources, rules.rate_names AS rate_names,
       rules.rate_kinds AS rate_kinds, rules.rate_touchpoints AS rate_touchpoints, rules.rate_us AS rate_us
