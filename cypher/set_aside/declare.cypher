// Declare the rules by which touchpoints of the graph are set aside
// Answers: nothing.
// Parameters:
//   $rules  map: near_us, prefer, sources, rate_names, rate_kinds, rate_touchpoints, rate_us
:params {rules: {near_us: 5000000, prefer: ['shop'], sources: [], rate_names: [], rate_kinds: [], rate_touchpoints: [], rate_us: []}};
MERGE (rules:Configuration {name: 'set aside'})
SET rules = $rules, rules.name = 'set aside'
